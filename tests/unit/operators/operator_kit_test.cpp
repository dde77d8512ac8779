/// Every operator of the library under the operator kit.

#include "support/operator_kit.hpp"

#include "support/simulated.capnp.h"
#include <weir/runtime/random.hpp>
#include <weir/testing/memory.hpp>
#include <weir/weir.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::tests {
namespace {

using namespace std::chrono_literals;

// --- what comes in --------------------------------------------------------------------------------------------------

constexpr std::int64_t bound_us = 3'000'000;

template <record T>
void fill(std::uint64_t id, std::int64_t time_us, random_sequence& random, typename T::Builder out) {
  out.setId(id);
  out.setKey(static_cast<std::uint32_t>(random.below(3)));
  out.setTime(time_us);
  if constexpr (requires { out.setValue(0); }) out.setValue(static_cast<std::int64_t>(random.below(20)));
  if constexpr (requires { out.setText(""); }) out.setText("text " + std::to_string(random.below(9)));
  if constexpr (requires { out.setChange(ChangeKind::INSERT); })
    out.setChange(static_cast<ChangeKind>(random.below(4)));
}

/// One of the kit's sources: times rise by about a second a record, some go back, a few of these too far.
template <record T>
class drawn_source {
 public:
  drawn_source(std::string name, const std::shared_ptr<buffer_pool>& pool)
      : name_{std::move(name)}, writer_{record_type::of<T>(), {}, batch_writer::columns{}, pool} {}

  kit_step step(random_sequence& random) {
    for (auto left = 1 + random.below(6); left > 0 && !writer_.full(); --left) {
      latest_us_ +=
          static_cast<std::int64_t>(random.chance(1, 8) ? random.below(20) : random.below(3)) * 500'000;
      const auto back_us = random.chance(1, 3) ? random.below(random.chance(1, 5) ? 30 : 6) * 500'000 : 0;
      const auto time_us = latest_us_ - static_cast<std::int64_t>(back_us);
      fill<T>(id_++, time_us, random, writer_.append().template as<T>());
      writer_.commit(time_us, latest_us_ - bound_us - 1);
    }
    return {name_, writer_.seal(), static_cast<std::int64_t>(random.below(4)) * 400'000};
  }

 private:
  std::string name_;
  batch_writer writer_;
  std::int64_t latest_us_ = 1'000'000'000;
  std::uint64_t id_ = 0;
};

std::vector<kit_step> draw_steps(std::uint64_t seed) {
  random_sequence random{seed};
  const auto pool = std::make_shared<buffer_pool>();
  drawn_source<Item> items{"items", pool}, more{"more", pool};
  drawn_source<Mark> marks{"marks", pool};
  drawn_source<ItemChange> changes{"changes", pool};
  std::vector<kit_step> steps;
  for (int n = 0; n < 60; ++n) switch (random.below(4)) {
      case 0: steps.push_back(more.step(random)); break;
      case 1: steps.push_back(marks.step(random)); break;
      case 2: steps.push_back(changes.step(random)); break;
      default: steps.push_back(items.step(random)); break;
    }
  return steps;
}

struct inputs {
  stream<Item> items;
  stream<Item> more;
  stream<Mark> marks;
  stream<ItemChange> changes;
  decltype(items.key_by(&Item::Reader::getKey)) by_key = items.key_by(&Item::Reader::getKey);
  decltype(marks.key_by(&Mark::Reader::getKey)) marks_by_key = marks.key_by(&Mark::Reader::getKey);
  decltype(changes.key_by(&ItemChange::Reader::getKey)) changes_by_key =
      changes.key_by(&ItemChange::Reader::getKey);
};

template <record T>
stream<T> none_of(job& work, const std::string& name) {
  return work.source(name, testing::generated<T>(0, [](std::uint64_t, typename T::Builder) {}))
      .event_time(&T::Reader::getTime, bounded_disorder(duration{bound_us}), time_unit::micros);
}

// --- the functions that operators are given ---------------------------------------------------------------------------

struct kept_row {
  std::int64_t id = 0;
  friend bool operator==(const kept_row&, const kept_row&) = default;
};
struct keep_id {
  kept_row operator()(const auto& in) const { return {static_cast<std::int64_t>(in.getId())}; }
};

std::int64_t id_of(const kept_row* row) { return row == nullptr ? -1 : row->id; }
std::int64_t id_of(const kept_row& row) { return row.id; }
template <class Reader>
std::int64_t id_of(const std::optional<Reader>& in) {
  return in ? static_cast<std::int64_t>(in->getId()) : -1;
}
template <class Reader>
std::int64_t id_of(const Reader& in) {
  return static_cast<std::int64_t>(in.getId());
}

struct fill_pair {
  template <class Builder, class L, class R>
  void operator()(Builder out, const L& l, const R& r) const {
    out.setLeft(id_of(l));
    out.setRight(id_of(r));
  }
};
struct fill_window_pair {
  template <class Builder, class L, class R>
  void operator()(Builder out, const L& l, const R& r, window_span span) const {
    fill_pair{}(out, l, r);
    out.setStart(span.start.time_since_epoch().count());
  }
};
struct fill_ranked {
  void operator()(ItemChange::Builder out, const auto& in, std::uint32_t rank) const {
    out.setId(static_cast<std::uint64_t>(id_of(in)));
    out.setValue(rank);
  }
};
struct fill_unranked {
  void operator()(ItemChange::Builder out, const auto& in) const {
    out.setId(static_cast<std::uint64_t>(id_of(in)));
  }
};

void fill_tally(Tally::Builder out, window_span span, std::uint64_t count, std::int64_t total) {
  out.setStart(span.start.time_since_epoch().count() * 4 + static_cast<std::int64_t>(span.why));
  out.setCount(count);
  out.setTotal(total);
}
constexpr auto fill_keyed_tally = [](Tally::Builder out, std::uint32_t key, window_span span,
                                     std::uint64_t count, std::int64_t total) {
  out.setKey(key);
  fill_tally(out, span, count, total);
};

/// Tells two seconds behind a window's first record, or at a value of 15.
struct until_fifteen {
  struct state {
    bool has_begun = false;
  };
  verdict on_record(state& seen, Item::Reader in, trigger_clock& clock) const {
    if (!seen.has_begun) clock.set_timer(clock.event_time() + 2s);
    seen.has_begun = true;
    return in.getValue() == 15 ? verdict::tell_and_clear : verdict::wait;
  }
  verdict on_timer(state& seen, trigger_clock&) const {
    seen.has_begun = false;
    return verdict::tell;
  }
};

/// All kinds of state, timers of both clocks, chance, and three outputs.
struct author : keyed_behavior<std::uint32_t, Item, Tally, side<"other", Item>> {
  value<std::int64_t> sum{*this, "sum"};
  list<std::int64_t> recent{*this, "recent", expires_after{5s}};
  map<std::int64_t, std::string> texts{*this, "texts"};

  void on(Item::Reader in) {
    sum.get_or([] { return std::int64_t{0}; }) += in.getValue();
    recent.push_back(in.getValue());
    texts[in.getValue()] = in.getText();
    set_timer("tell", event_time() + 2s);
    if (in.getValue() > 10) set_timer("clock", now() + 1s);
    if (in.getValue() == 3) return reject("three");
    if (random() % 2 == 0) return forward<"other">();
    forward<Item>();
    tell(0);
  }
  void on(timer due) { tell(due.clock == clock_kind::event ? 1 : 2); }
  void tell(std::int64_t why) {
    emit<Tally>([&](Tally::Builder out) {
      out.setKey(key());
      out.setStart(why);
      out.setCount(texts.size() * 100 + recent.size());
      out.setTotal(sum.get_or([] { return std::int64_t{0}; }));
    });
  }
};

// --- the table ------------------------------------------------------------------------------------------------------

struct entry {
  const char* name;
  std::function<void(const inputs&)> build;
};

template <class Windows>
entry windows(const char* name, Windows how) {
  return {name, [how](const inputs& in) {
            (void)in.by_key.window(how).template aggregate<Tally>("op", fill_keyed_tally, count(),
                                                                  sum(&Item::Reader::getValue));
          }};
}
template <class Windows>
entry all_windows(const char* name, Windows how) {
  return {name, [how](const inputs& in) {
            (void)in.items.window_all(how).template aggregate<Tally>("op", fill_tally, count(),
                                                                     sum(&Item::Reader::getValue));
          }};
}
entry two_phases(const char* name, fixed_windows how, combined_keys which) {
  return {name, [how, which](const inputs& in) {
            (void)in.by_key.window(how).two_phase(which).aggregate<Tally>("op", fill_keyed_tally, count(),
                                                                          sum(&Item::Reader::getValue));
          }};
}
/// `shape` makes a join of Items and Marks, whole and kept as rows.
template <record Out, class Fill, class Shape>
entry joined(const char* name, Fill how, Shape shape) {
  return {name, [how, shape](const inputs& in) {
            (void)shape(in.by_key.join(in.marks_by_key)).template emit<Out>("op-whole", how);
            (void)shape(in.by_key.join(in.marks_by_key)
                            .template keep_left<kept_row>(keep_id{})
                            .template keep_right<kept_row>(keep_id{}))
                .template emit<Out>("op-rows", how);
          }};
}

std::vector<entry> stateless_operators() {
  return {
      {"filter",
       [](const inputs& in) {
         (void)in.items.filter("op", [](Item::Reader i) { return i.getValue() > 7; });
       }},
      {"map",
       [](const inputs& in) {
         (void)in.items.map<Mark>("op", [](Item::Reader i, Mark::Builder out) { out.setId(i.getId()); });
       }},
      {"flat map",
       [](const inputs& in) {
         (void)in.items.flat_map<Mark>("op", [](Item::Reader i, const auto& emit) {
           for (std::int64_t n = 0; n < i.getValue() % 4; ++n)
             emit([&](Mark::Builder out) { out.setId(i.getId() * 10 + static_cast<std::uint64_t>(n)); });
         });
       }},
      {"union, then a chain",
       [](const inputs& in) {
         (void)in.items.merge(in.more)
             .filter("op", [](Item::Reader i) { return i.getKey() != 1; })
             .map<Mark>("behind", [](Item::Reader i, Mark::Builder out) { out.setId(i.getId()); });
       }},
      {"author", [](const inputs& in) { (void)in.by_key.spawn<author>("op"); }},
  };
}

std::vector<entry> window_operators() {
  return {
      windows("tumbling", tumbling(4s)),
      windows("tumbling, late, early, moved", tumbling(4s).allow_lateness(5s).early_every(1s).offset(1s)),
      windows("tumbling, by the clock", tumbling(1s).in_processing_time()),
      windows("tumbling, by the clock, early", tumbling(3s).in_processing_time().early_every(1s)),
      windows("sliding", sliding(6s, 2s)),
      windows("sliding, late, early", sliding(6s, 2s).allow_lateness(5s).early_every(1s)),
      windows("sliding, uneven", sliding(5s, 2s)),
      windows("sliding, by the clock", sliding(3s, 1s).in_processing_time()),
      windows("session", session(2s)),
      windows("session, late, early", session(2s).allow_lateness(5s).early_every(1s)),
      windows("session, by the clock", session(600ms).in_processing_time()),
      windows("global, every", global(every(3))),
      windows("global, running, at the end", global(every(3).running()).tell_at_end()),
      windows("global, a trigger", global(until_fifteen{}).tell_at_end()),
      all_windows("all, tumbling", tumbling(4s).allow_lateness(2s)),
      all_windows("all, tumbling, by the clock", tumbling(1s).in_processing_time()),
      all_windows("all, sliding", sliding(6s, 2s).early_every(2s)),
      all_windows("all, session", session(1s).allow_lateness(3s)),
      all_windows("all, global", global(every(4))),
      two_phases("two phases, hot, tumbling", tumbling(4s).allow_lateness(3s), combined_keys::hot),
      two_phases("two phases, hot, sliding", sliding(6s, 2s), combined_keys::hot),
      two_phases("two phases, all, tumbling", tumbling(4s).early_every(1s), combined_keys::all),
      two_phases("two phases, all, sliding", sliding(6s, 2s).allow_lateness(3s), combined_keys::all),
      {"every aggregate",
       [](const inputs& in) {
         const auto value = &Item::Reader::getValue;
         const auto write = [](Tally::Builder out, std::uint32_t, window_span, std::uint64_t all,
                               std::uint64_t some, double mean_value, std::int64_t least,
                               std::optional<std::int64_t> most, std::uint64_t id_of_least,
                               std::uint64_t id_of_most, std::uint64_t different, const auto& greatest,
                               double median, const std::vector<std::string>& texts) {
           std::int64_t total =
               least + most.value_or(-1) + static_cast<std::int64_t>(mean_value * 1'000 + median * 10);
           for (const auto& one : greatest) total = total * 7 + static_cast<std::int64_t>(one.what);
           for (const auto& text : texts) total = total * 31 + text.back();
           out.setTotal(total);
           out.setCount(all + 100 * some + 10'000 * different + 1'000'000 * id_of_least +
                        1'000'000'000 * id_of_most);
         };
         (void)in.by_key.window(sliding(6s, 2s).allow_lateness(4s))
             .aggregate<Tally>(
                 "op", write, count(), count_if([](Item::Reader i) { return i.getValue() > 9; }), mean(value),
                 min(value), where([](Item::Reader i) { return i.getId() % 2 == 0; }, max(value)),
                 min_by(value, &Item::Reader::getId), max_by(value, &Item::Reader::getId), distinct(value),
                 top(3, value, &Item::Reader::getId), quantile(0.5, value),
                 to_list([](Item::Reader i) { return std::string{i.getText().cStr()}; }));
       }},
  };
}

std::vector<entry> join_operators() {
  const auto within = [](const auto& join) { return join.within(-2s, 1s); };
  const auto tumble = [](const auto& join) { return join.window(tumbling(3s)); };
  const auto slide = [](const auto& join) { return join.window(sliding(4s, 2s).offset(500ms)); };
  const auto late = [](const auto& join) { return join.window(sliding(4s, 2s).allow_lateness(5s)); };
  const auto sessions = [](const auto& join) { return join.window(session(700ms)); };
  const auto left = [](const auto& join) { return join.left_outer(); };
  const auto right = [](const auto& join) { return join.right_outer(); };
  const auto full = [](const auto& join) { return join.full_outer(); };
  const auto both = [](auto first, auto then) { return [=](const auto& join) { return then(first(join)); }; };
  const auto history = [](const auto& join) {
    return join.where([](const auto& l, const auto& r) { return (id_of(l) + id_of(r)) % 3 != 0; });
  };
  const auto expiring = [](const auto& join) { return join.expires_after(4s); };
  const auto unique = [](const auto& join) { return join.unique_left().unique_right(); };
  const auto as_of = [](const auto& join) { return join.as_of(); };
  const auto latest = [](const auto& join) { return join.latest(); };
  const fill_pair pair;
  const fill_window_pair window_pair;
  return {
      joined<Pair>("within", pair, within),
      joined<Pair>("within, left outer", pair, both(left, within)),
      joined<Pair>("within, right outer", pair, both(right, within)),
      joined<Pair>("within, full outer", pair, both(full, within)),
      joined<Pair>("window", window_pair, tumble),
      joined<Pair>("window, left outer", window_pair, both(left, tumble)),
      joined<Pair>("window, right outer", window_pair, both(right, slide)),
      joined<Pair>("window, full outer", window_pair, both(full, slide)),
      joined<Pair>("window, late", window_pair, late),
      joined<Pair>("window, late, full outer", window_pair, both(full, late)),
      joined<Pair>("session", window_pair, sessions),
      joined<Pair>("session, full outer", window_pair, both(full, sessions)),
      joined<Pair>("as of", pair, as_of),
      joined<Pair>("as of, left outer", pair, both(left, as_of)),
      joined<Pair>("as of, expiring", pair, both(expiring, as_of)),
      joined<Pair>("latest", pair, latest),
      joined<Pair>("latest, left outer, expiring", pair, both(both(left, latest), expiring)),
      joined<PairChange>("all rows", pair, history),
      joined<PairChange>("all rows, left outer", pair, both(left, history)),
      joined<PairChange>("all rows, right outer", pair, both(right, history)),
      joined<PairChange>("all rows, full outer, expiring", pair, both(both(full, history), expiring)),
      joined<PairChange>("all rows, unique", pair, both(both(full, history), unique)),
      {"all rows of a changelog",
       [](const inputs& in) {
         (void)in.by_key.join(in.changes_by_key)
             .full_outer()
             .keep_right<kept_row>(keep_id{})
             .emit<PairChange>("op", fill_pair{});
       }},
      {"as of a changelog",
       [](const inputs& in) {
         (void)in.by_key.join(in.changes_by_key).left_outer().as_of().emit<Pair>("op", fill_pair{});
       }},
  };
}

std::vector<entry> joins_of_one_type() {
  return {
      {"within, of one record type",
       [](const inputs& in) {
         (void)in.by_key.join(in.more.key_by(&Item::Reader::getKey))
             .full_outer()
             .within(-1s, 1s)
             .emit<Pair>("op", fill_pair{});
       }},
      {"window, with itself",
       [](const inputs& in) {
         (void)in.by_key.join(in.by_key)
             .window(tumbling(3s).allow_lateness(2s))
             .emit<Pair>("op", fill_window_pair{});
       }},
      {"as of, of one record type",
       [](const inputs& in) {
         (void)in.by_key.join(in.more.key_by(&Item::Reader::getKey))
             .left_outer()
             .as_of()
             .emit<Pair>("op", fill_pair{});
       }},
      {"latest, of one record type",
       [](const inputs& in) {
         (void)in.by_key.join(in.more.key_by(&Item::Reader::getKey)).latest().emit<Pair>("op", fill_pair{});
       }},
      {"all rows, of one record type",
       [](const inputs& in) {
         (void)in.by_key.join(in.more.key_by(&Item::Reader::getKey))
             .full_outer()
             .unique_left()
             .emit<PairChange>("op", fill_pair{});
       }},
  };
}

std::vector<entry> changelog_operators() {
  const auto value = [](const auto& in) { return in.getValue(); };
  return {
      {"highest, ranked",
       [=](const inputs& in) { (void)in.by_key.highest(3, value).emit<ItemChange>("op", fill_ranked{}); }},
      {"highest",
       [=](const inputs& in) { (void)in.by_key.highest(3, value).emit<ItemChange>("op", fill_unranked{}); }},
      {"lowest, ranked, rows",
       [=](const inputs& in) {
         (void)in.by_key.lowest(2, value).keep<kept_row>(keep_id{}).emit<ItemChange>("op", fill_ranked{});
       }},
      {"lowest",
       [=](const inputs& in) { (void)in.by_key.lowest(2, value).emit<ItemChange>("op", fill_unranked{}); }},
      {"highest of a changelog",
       [=](const inputs& in) {
         (void)in.changes_by_key.highest(2, value).keep<kept_row>(keep_id{}).emit<ItemChange>("op",
                                                                                              fill_ranked{});
       }},
      {"keep first", [](const inputs& in) { (void)in.by_key.deduplicate().keep_first("op"); }},
      {"keep first, expiring",
       [](const inputs& in) { (void)in.by_key.deduplicate().expires_after(1s).keep_first("op"); }},
      {"keep last",
       [](const inputs& in) { (void)in.by_key.deduplicate().keep_last<ItemChange>("op", fill_unranked{}); }},
      {"keep last, expiring, rows",
       [](const inputs& in) {
         (void)in.by_key.deduplicate().expires_after(1s).keep<kept_row>(keep_id{}).keep_last<ItemChange>(
             "op", fill_unranked{});
       }},
  };
}

void run_all(const std::vector<entry>& table) {
  std::uint64_t stops = 0;
  for (const auto& one : table) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      INFO(one.name << ", seed " << seed);
      job work{"job"};
      one.build({none_of<Item>(work, "items"), none_of<Item>(work, "more"), none_of<Mark>(work, "marks"),
                 none_of<ItemChange>(work, "changes")});
      std::map<std::string, kit_result> plain;
      CHECK(operator_fault(work.plan(), draw_steps(seed), plain) == "");
      for (const auto& [name, emitted] : plain) {
        INFO(name);
        CHECK(!emitted.deliveries.empty());
        stops += emitted.stops;
      }
    }
  }
  CHECK(stops > 0);
}

}  // namespace

TEST_CASE("operator kit: without state") { run_all(stateless_operators()); }
TEST_CASE("operator kit: windows") { run_all(window_operators()); }
TEST_CASE("operator kit: joins") { run_all(join_operators()); }
TEST_CASE("operator kit: joins of one record type") { run_all(joins_of_one_type()); }
TEST_CASE("operator kit: changelogs") { run_all(changelog_operators()); }

namespace {

/// Remembers where no snapshot looks.
struct forgetful : keyed_behavior<std::uint32_t, Tally> {
  void on(Item::Reader) {
    emit<Tally>([&](Tally::Builder out) { out.setCount(++seen_); });
  }
  std::uint64_t seen_ = 0;
};

}  // namespace

TEST_CASE("operator kit: finds what is remembered outside of state") {
  job work{"job"};
  (void)none_of<Item>(work, "items").key_by(&Item::Reader::getKey).spawn<forgetful>("op");
  std::map<std::string, kit_result> plain;
  CHECK_THAT(operator_fault(work.plan(), draw_steps(1), plain),
             Catch::Contains("restored behind every step: output 0"));
}

}  // namespace weir::tests

#include "families/families.hpp"
#include "support/simulated_records.hpp"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <stdexcept>

namespace weir::tests {
namespace {

/// Dies at some records and timers in every life, with all that it knows in the error: a replay that dies with the same
/// words had the same state, clock and chance.
struct teller : keyed_behavior<std::uint32_t, Item> {
  explicit teller(std::uint64_t deaths) : deaths_one_in_{deaths} {}

  value<std::int64_t> sum{*this, "sum"};
  map<std::uint64_t, std::uint64_t> drawn{*this, "drawn"};
  list<std::int64_t> clocks{*this, "clocks"};

  void on(Item::Reader in) {
    if (in.getId() % 6 != 0) change(in);
    if (random() % deaths_one_in_ == 0) die("record " + std::to_string(in.getId()));
  }
  void on(timer due) {
    drawn[9] ^= random();
    if (random() % deaths_one_in_ == 0) die(due.name);
  }

 private:
  void change(Item::Reader in) {
    sum.get() += in.getValue();
    drawn[in.getId() % 5] ^= random();
    if (in.getId() % 3 == 0) clocks.push_back(now().time_since_epoch().count());
    if (in.getId() % 4 == 0) set_timer("soon", now() + duration{static_cast<int>(in.getId() % 90)});
    if (in.getId() % 7 == 0) set_timer("later", event_time() + duration{later_us});
    emit<Item>([&](Item::Builder out) { out.setId(in.getId()); });
  }

  static constexpr int later_us = 200'000;

  [[noreturn]] void die(std::string_view at) {
    std::string told{at};
    told += " sum " + std::to_string(sum.value_or(0)) + " clocks " + std::to_string(clocks.size());
    for (const auto clock : clocks) told += " " + std::to_string(clock);
    for (const auto& [id, bits] : drawn) told += " " + std::to_string(id) + ":" + std::to_string(bits);
    throw std::runtime_error{told + " now " + std::to_string(now().time_since_epoch().count())};
  }

  std::uint64_t deaths_one_in_;
};

}  // namespace

void dying_alike(scenario& s) {
  const auto input = draw_timed_items(s, s.records(), s.keys(), 100'000);
  const auto out = std::make_shared<sink_log<id_and_value>>();
  const auto options = s.parallel();

  job work{"dying-alike"};
  work.source("items", source_of_items(s, input))
      .event_time(&Item::Reader::getTime, bounded_disorder(duration{100'000}), time_unit::micros)
      .key_by(&Item::Reader::getKey)
      .spawn<teller>("teller", options, std::uint64_t{5 + s.random.below(60)})
      .sink("out", sink_of_items(out), s.parallel());
  s.compare_output_only();  // a frame whose timers kill is consumed without the checker's hearing of it
  s.run(work);
  s.expect(out->rows.size() <= input.size(), "more came out than went in");
}

}  // namespace weir::tests

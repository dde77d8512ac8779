/// Random operations on state that survives, against a std::map and a copy of it that stands for the store.

#include "state/row_keys.hpp"
#include "state/row_values.hpp"
#include "state/state_store.hpp"
#include <weir/key.hpp>
#include <weir/runtime/bytes.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using weir::clock_kind;

std::size_t living_texts = 0;
bool encode_throws = false;

struct counted_text {
  counted_text() { ++living_texts; }
  counted_text(const counted_text&) = delete;
  counted_text& operator=(const counted_text&) = delete;
  ~counted_text() { --living_texts; }
  std::string text;
};

weir::cell_operations number_operations() {
  return {
      .bytes = sizeof(std::int64_t),
      .alignment = alignof(std::int64_t),
      .construct = [](void* at) { ::new (at) std::int64_t{}; },
      .destroy = [](void*) noexcept {},
      .encode = [](const void* at, weir::byte_writer& to) { to.put(*static_cast<const std::int64_t*>(at)); },
      .decode =
          [](void* at, weir::byte_reader& from) {
            *static_cast<std::int64_t*>(at) = from.take<std::int64_t>();
            return from.is_done();
          },
      .is_plain = true};
}

void copy_text(void* at, const void* object) {
  auto* const copy = ::new (at) counted_text{};
  copy->text = static_cast<const counted_text*>(object)->text;
}

weir::cell_operations text_operations(bool are_copied) {
  return {.bytes = sizeof(counted_text),
          .alignment = alignof(counted_text),
          .construct = [](void* at) { ::new (at) counted_text{}; },
          .destroy = [](void* at) noexcept { std::destroy_at(static_cast<counted_text*>(at)); },
          .encode =
              [](const void* at, weir::byte_writer& to) {
                if (encode_throws) throw std::runtime_error{"inspect() of the author"};
                to.put_bytes(static_cast<const counted_text*>(at)->text);
              },
          .decode =
              [](void* at, weir::byte_reader& from) {
                static_cast<counted_text*>(at)->text = from.take_bytes(from.left().size());
                return from.is_done();
              },
          .copy = are_copied ? copy_text : nullptr};
}

struct setting {
  std::string name;
  std::size_t keys;
  std::uint64_t hash_mask;
  bool keyed;
  std::size_t names;
  std::size_t times;
  std::size_t bytes_max;      ///< what trim() is asked for
  bool copies_texts = false;  ///< and does not encode them, for the way back
};

struct modelled {
  std::optional<std::int64_t> number;
  std::optional<std::string> text;
  std::map<std::pair<clock_kind, std::string>, std::int64_t> timers;

  [[nodiscard]] bool is_empty() const { return !number && !text && timers.empty(); }
};

class comparison {
 public:
  comparison(const setting& s, std::uint64_t seed)
      : setting_{s}, random_{seed}, store_{weir::state::make_memory_store()} {
    for (std::size_t i = 0; i < s.keys; ++i)
      keys_.push_back(i == 0 ? std::string{} : std::string(below(20), '\0') + std::to_string(i));
    resume();
  }

  void step() {
    const auto dice = below(1'000);
    if (dice < 350)
      select();
    else if (dice < 530)
      touch_number();
    else if (dice < 600)
      touch_text();
    else if (dice < 700)
      erase();
    else if (dice < 800)
      set_timer();
    else if (dice < 850)
      cancel_timer();
    else if (dice < 920)
      take_due(any_clock(), static_cast<std::int64_t>(below(setting_.times)) / 3);
    else
      step_of_the_runtime();
    check_timers();
  }

  void end() {
    while (take_due(clock_kind::event, weir::time_max_us)) {}
    while (take_due(clock_kind::processing, weir::time_max_us)) {}
    for (const auto& key : keys_) {
      select(key);
      check_selected();
    }
    take_changes();
    resume();
    for (const auto& key : keys_) {
      select(key);
      check_selected();
    }
  }

 private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_);
  }
  [[nodiscard]] std::uint64_t hash_of(const std::string& key) const {
    return weir::key_hash(key) & setting_.hash_mask;
  }

  void step_of_the_runtime() {
    switch (below(14)) {
      case 0: return take_changes();
      case 1: return begin_changes();
      case 8:
      case 9: return mark();
      case 10:
      case 11: return write_changes();
      case 12: return end_changes();
      case 2: return fail_to_write_changes();
      case 3: return revert();
      case 4: return trim();
      case 5: return load();
      case 6: REQUIRE(store_->write_pending().ok()); break;
      default:
        if (below(4) == 0) resume();
    }
  }

  void take_changes() {
    end_changes();
    begin_changes();
    end_changes();
    state_->deselect();
    REQUIRE(state_->dirty_keys() == 0);
    REQUIRE(state_->take_changes()->empty());
    select();
  }

  void begin_changes() {
    end_changes();
    state_->deselect();
    state_->begin_changes();
    written_ = marked_ = without_empty();
    is_stored_at_mark_ = true;
    REQUIRE(state_->dirty_keys() == 0);
    select();
  }

  void write_changes() {
    state_->deselect();
    (void)state_->write_changes(below(4), 1 + below(100));
    select();
  }

  void end_changes() {
    if (!state_->is_writing_changes()) return;
    state_->deselect();
    store_->hand_over(state_->end_changes());
    stored_ = written_;
    select();
  }

  /// As it is when inspect() throws: all that was to be written still is.
  void fail_to_write_changes() {
    state_->deselect();
    encode_throws = true;
    try {
      (void)state_->write_changes(below(20), 10'000);
    } catch (const std::runtime_error&) {
      REQUIRE(state_->is_writing_changes());
    }
    encode_throws = false;
    select();
  }

  void mark() {
    state_->deselect();
    state_->mark();
    marked_ = without_empty();
    is_stored_at_mark_ = false;
    select();
  }

  /// They are enough for whoever goes on from the mark.
  void check_rows_at_mark() {
    constexpr std::size_t bytes_max = 1'000'000;
    const auto rows = state_->rows_at_mark(bytes_max);
    REQUIRE(rows.ok());
    for (const auto& [key, value] : *rows) {
      const auto parsed = weir::state::parse_row_key(key);
      REQUIRE(parsed.has_value());
      if (parsed->space == weir::state::row_space::cells) continue;
      const auto known = marked_.find(std::string{parsed->key});
      REQUIRE(known != marked_.end());
      const auto is_timers = parsed->space == weir::state::row_space::keyed_timers ||
                             parsed->space == weir::state::row_space::instance_timers;
      if (is_timers)
        REQUIRE(weir::state::decode_timers(value)->timers.size() == known->second.timers.size());
      else
        REQUIRE(weir::state::decode_objects(value)->size() ==
                std::size_t{known->second.number.has_value()} + std::size_t{known->second.text.has_value()});
    }
  }

  void revert() {
    if (below(4) == 0) check_rows_at_mark();
    REQUIRE(state_->revert().ok());
    REQUIRE(state_->mark_bytes() == 0);
    if (is_stored_at_mark_) REQUIRE(state_->dirty_keys() == 0);
    model_ = marked_;
    if (below(2) == 0) {
      state_->begin_life();
      declare();
    }
    select();
  }

  void trim() {
    state_->trim(below(2) == 0 ? 0 : setting_.bytes_max);
    check_selected();
  }

  void load() {
    std::vector<weir::key_ref> wanted;
    for (auto count = below(40); count > 0; --count) {
      const auto& key = keys_[below(keys_.size())];
      wanted.push_back({hash_of(key), key});
    }
    state_->load(wanted);
    check_selected();
  }

  /// A new process on the same store.
  void resume() {
    state_.reset();
    REQUIRE(living_texts == 0);
    state_ = std::make_unique<weir::keyed_state>();
    state_->attach(store_,
                   {.operator_name = "counts", .instance = 0, .parallelism = 1, .keyed = setting_.keyed});
    declares_text_first_ = below(2) == 0;
    declare();
    REQUIRE(state_->restore().ok());
    model_ = marked_ = stored_;
    is_stored_at_mark_ = true;
    select();
  }

  void declare() {
    const auto text = [&] {
      text_ = state_->declare({.name = "text", .type = "text"}, text_operations(setting_.copies_texts));
    };
    if (declares_text_first_) text();
    number_ = state_->declare({.name = "number", .type = "int64"}, number_operations());
    if (!declares_text_first_) text();
  }

  [[nodiscard]] std::map<std::string, modelled> without_empty() const {
    auto all = model_;
    std::erase_if(all, [](const auto& each) { return each.second.is_empty(); });
    return all;
  }

  modelled& here() { return model_[key_]; }

  void select() { select(keys_[below(keys_.size())]); }
  void select(const std::string& key) {
    key_ = key;
    key_bytes_ = key;
    state_->select(hash_of(key), key_bytes_);
  }

  void check_selected() {
    const auto* number = static_cast<const std::int64_t*>(state_->find(number_));
    REQUIRE((number != nullptr) == here().number.has_value());
    if (number != nullptr) REQUIRE(*number == here().number);
    const auto* text = static_cast<const counted_text*>(state_->find(text_));
    REQUIRE((text != nullptr) == here().text.has_value());
    if (text != nullptr) REQUIRE(text->text == here().text);
  }

  void touch_number() {
    check_selected();
    here().number = static_cast<std::int64_t>(random_());
    *static_cast<std::int64_t*>(state_->find_or_make(number_)) = *here().number;
  }
  void touch_text() {
    check_selected();
    here().text = std::string(below(10) == 0 ? below(1'000) : below(60), 't');
    static_cast<counted_text*>(state_->find_or_make(text_))->text = *here().text;
  }
  void erase() {
    if (below(2) == 0) {
      state_->erase(number_);
      here().number.reset();
    } else {
      state_->erase(text_);
      here().text.reset();
    }
  }

  std::string any_name() { return "timer " + std::to_string(below(setting_.names)); }
  clock_kind any_clock() { return below(4) == 0 ? clock_kind::processing : clock_kind::event; }

  void set_timer() {
    const auto name = any_name();
    const auto clock = any_clock();
    const auto deadline = static_cast<std::int64_t>(below(setting_.times));
    state_->set_timer(name, clock, deadline);
    here().timers[{clock, name}] = deadline;
  }
  void cancel_timer() {
    const auto name = any_name();
    const auto clock = any_clock();
    REQUIRE(state_->cancel_timer(name, clock) == (here().timers.erase({clock, name}) == 1));
  }

  bool take_due(clock_kind clock, std::int64_t limit) {
    using place = std::tuple<std::int64_t, std::uint64_t, std::string, std::string>;
    std::optional<place> first;
    for (const auto& [key, content] : model_)
      for (const auto& [name, deadline] : content.timers) {
        if (name.first != clock || deadline > limit) continue;
        const place each{deadline, hash_of(key), key, name.second};
        first = std::min(first.value_or(each), each);
      }
    const auto due = state_->take_due(clock, limit);
    REQUIRE(due.has_value() == first.has_value());
    if (!due) return false;
    key_ = std::get<2>(*first);
    REQUIRE(due->deadline_us == std::get<0>(*first));
    REQUIRE(due->name == std::get<3>(*first));
    REQUIRE(state_->key() == key_);
    REQUIRE(state_->hash() == hash_of(key_));
    here().timers.erase({clock, std::string{due->name}});
    check_selected();
    return true;
  }

  void check_timers() {
    std::size_t timers = 0;
    std::int64_t earliest[2] = {weir::time_max_us, weir::time_max_us};
    for (const auto& [key, content] : model_)
      for (const auto& [name, deadline] : content.timers) {
        ++timers;
        auto& least = earliest[static_cast<std::size_t>(name.first)];
        least = std::min(least, deadline);
      }
    REQUIRE(state_->timers() == timers);
    REQUIRE(state_->next_deadline(clock_kind::event) <= earliest[0]);
    REQUIRE(state_->next_deadline(clock_kind::processing) <= earliest[1]);
  }

  setting setting_;
  std::mt19937_64 random_;
  std::vector<std::string> keys_;
  std::map<std::string, modelled> model_;
  std::map<std::string, modelled> stored_;
  std::map<std::string, modelled> written_;  ///< what will be stored
  std::map<std::string, modelled> marked_;
  bool is_stored_at_mark_ = true;
  std::string key_;
  std::string key_bytes_;
  std::shared_ptr<weir::state::state_store> store_;
  std::unique_ptr<weir::keyed_state> state_;
  bool declares_text_first_ = false;
  weir::cell_id number_ = 0;
  weir::cell_id text_ = 0;
};

}  // namespace

TEST_CASE("state that survives does what a map and its copy do") {
  constexpr std::uint64_t all_bits = ~std::uint64_t{0};
  const std::vector<setting> settings{
      {"few keys", 5, all_bits, true, 3, 40, 1'000},
      {"one key", 1, all_bits, false, 50, 1'000, 0},
      {"many keys", 300, all_bits, true, 2, 1'000'000, 8'000},
      {"one hash", 40, 0, true, 2, 10, 3'000},
      {"few hashes", 150, 0x0300'0000'0000'0003, true, 2, 5, 5'000},
      {"an instance's own keys", 30, all_bits, false, 2, 100, 2'000},
      {"copied texts", 20, all_bits, true, 3, 40, 2'000, true},
  };
  for (const auto& each : settings) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      INFO("setting: " << each.name << ", seed " << seed);
      {
        comparison compared{each, seed};
        for (int step = 0; step < 3'000; ++step) compared.step();
        compared.end();
      }
      REQUIRE(living_texts == 0);
    }
  }
}

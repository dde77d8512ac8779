/// Random operations on keyed_state against std::map, with many keys, few hashes, and objects that are counted.

#include <weir/key.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using weir::clock_kind;

/// Where counted objects live; the address of each is there once.
using living = std::set<const void*>;

living* current = nullptr;

struct counted {
  counted() { REQUIRE(current->insert(this).second); }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() {
    if (current->erase(this) != 1) std::abort();
  }
  std::string text = "no value was ever stored in this one";
};

struct alignas(32) wide {
  std::uint64_t word = 0;
  char rest[64] = {};
};

template <class T>
weir::cell_operations operations_of() {
  return {.bytes = sizeof(T),
          .alignment = alignof(T),
          .construct = [](void* at) { ::new (at) T{}; },
          .destroy = [](void* at) noexcept { std::destroy_at(static_cast<T*>(at)); }};
}

struct setting {
  std::string name;
  std::size_t keys;
  std::size_t key_bytes_max;
  std::uint64_t hash_mask;  ///< few bits: many keys with one hash
  bool is_wide;             ///< entries aligned to more than the default
  std::size_t names;
  std::int64_t times;  ///< deadlines are below it: few of them make many ties
};

/// A key as the model knows it.
struct modelled {
  void* number = nullptr;  ///< where the object is; null if there is none
  std::int64_t number_value = 0;
  counted* text = nullptr;
  std::string text_value;
  void* wide_object = nullptr;
  std::map<std::pair<clock_kind, std::string>, std::int64_t> timers;

  [[nodiscard]] bool is_empty() const {
    return number == nullptr && text == nullptr && wide_object == nullptr && timers.empty();
  }
};

class comparison {
 public:
  comparison(const setting& s, std::uint64_t seed) : setting_{s}, random_{seed} {
    number_ = state_.declare({.name = "number", .type = "int64"}, operations_of<std::int64_t>());
    text_ = state_.declare({.name = "text", .type = "text"}, operations_of<counted>());
    if (s.is_wide) wide_ = state_.declare({.name = "wide", .type = "wide"}, operations_of<wide>());
    for (std::size_t i = 0; i < s.keys; ++i) keys_.push_back(make_key(i));
    select();
  }

  void step() {
    const auto dice = below(100);
    if (dice < 40)
      select();
    else if (dice < 55)
      touch_number();
    else if (dice < 62)
      touch_text();
    else if (dice < 68)
      touch_wide();
    else if (dice < 78)
      erase();
    else if (dice < 88)
      set_timer();
    else if (dice < 93)
      cancel_timer();
    else if (dice < 99)
      take_due();
    else
      state_.prefetch(hash_of(keys_[below(keys_.size())]));
    check_counts();
  }

  void end() {
    while (take_due_until(clock_kind::event, weir::time_max_us)) {}
    while (take_due_until(clock_kind::processing, weir::time_max_us)) {}
    REQUIRE(state_.timers() == 0);
    REQUIRE(state_.next_deadline(clock_kind::event) == weir::time_max_us);
    for (const auto& key : keys_) {
      if (below(2) == 0) continue;
      select(key);
      for (const auto cell : {number_, text_}) state_.erase(cell);
      if (setting_.is_wide) state_.erase(wide_);
      forget();
    }
    state_.deselect();
    REQUIRE(!state_.is_selected());
    check_counts();
  }

 private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_);
  }

  std::string make_key(std::size_t number) {
    auto key = std::to_string(number);
    const auto size = below(setting_.key_bytes_max + 1);
    if (key.size() < size) key.append(size - key.size(), number % 3 == 0 ? '\0' : 'x');
    return number == 0 ? std::string{} : key;
  }
  [[nodiscard]] std::uint64_t hash_of(const std::string& key) const {
    return weir::key_hash(key) & setting_.hash_mask;
  }

  modelled& here() { return model_[key_]; }
  void forget() { model_.erase(key_); }
  void forget_if_empty() {
    if (here().is_empty()) forget();
  }

  void select() { select(keys_[below(keys_.size())]); }
  void select(const std::string& key) {
    key_ = key;
    key_bytes_ = key;  // only what the contract asks for stays valid
    state_.select(hash_of(key), key_bytes_);
  }

  void touch_number() {
    auto* found = state_.find(number_);
    REQUIRE(found == here().number);
    auto* made = state_.find_or_make(number_);
    if (found != nullptr) REQUIRE(made == found);
    auto& value = *static_cast<std::int64_t*>(made);
    REQUIRE(value == (found == nullptr ? 0 : here().number_value));
    here().number = made;
    here().number_value = value = static_cast<std::int64_t>(random_());
  }

  void touch_text() {
    auto* found = static_cast<counted*>(state_.find(text_));
    REQUIRE(found == here().text);
    if (found != nullptr) REQUIRE(found->text == here().text_value);
    auto* made = static_cast<counted*>(state_.find_or_make(text_));
    here().text = made;
    here().text_value = made->text = std::string(below(60), 't');
  }

  void touch_wide() {
    if (!setting_.is_wide) return forget_if_empty();
    REQUIRE(state_.find(wide_) == here().wide_object);
    auto* made = state_.find_or_make(wide_);
    REQUIRE(reinterpret_cast<std::uintptr_t>(made) % alignof(wide) == 0);
    static_cast<wide*>(made)->word = random_();
    here().wide_object = made;
  }

  void erase() {
    switch (below(3)) {
      case 0:
        state_.erase(number_);
        here().number = nullptr;
        break;
      case 1:
        state_.erase(text_);
        here().text = nullptr;
        break;
      default:
        if (setting_.is_wide) state_.erase(wide_);
        here().wide_object = nullptr;
    }
    forget_if_empty();
  }

  std::string any_name() { return "timer " + std::to_string(below(setting_.names)); }
  clock_kind any_clock() { return below(4) == 0 ? clock_kind::processing : clock_kind::event; }

  void set_timer() {
    const auto name = any_name();
    const auto clock = any_clock();
    const auto deadline = static_cast<std::int64_t>(below(static_cast<std::size_t>(setting_.times)));
    state_.set_timer(name, clock, deadline);
    here().timers[{clock, name}] = deadline;
    REQUIRE(state_.next_deadline(clock) <= deadline);
  }

  void cancel_timer() {
    const auto name = any_name();
    const auto clock = any_clock();
    REQUIRE(state_.cancel_timer(name, clock) == (here().timers.erase({clock, name}) == 1));
    forget_if_empty();
  }

  void take_due() {
    const auto limit = static_cast<std::int64_t>(below(static_cast<std::size_t>(setting_.times))) / 3;
    take_due_until(any_clock(), limit);
  }

  bool take_due_until(clock_kind clock, std::int64_t limit) {
    using place = std::tuple<std::int64_t, std::uint64_t, std::string, std::string>;
    std::optional<place> first;
    for (const auto& [key, content] : model_)
      for (const auto& [name, deadline] : content.timers)
        if (name.first == clock && deadline <= limit)
          first = std::min(first.value_or(place{deadline, hash_of(key), key, name.second}),
                           place{deadline, hash_of(key), key, name.second});
    const auto due = state_.take_due(clock, limit);
    REQUIRE(due.has_value() == first.has_value());
    if (!due) return false;
    key_ = std::get<2>(*first);
    REQUIRE(due->deadline_us == std::get<0>(*first));
    REQUIRE(due->name == std::get<3>(*first));
    REQUIRE(due->clock == clock);
    REQUIRE(state_.key() == key_);
    REQUIRE(state_.key().data()[key_.size()] == '\0');
    REQUIRE(state_.hash() == hash_of(key_));
    here().timers.erase({clock, std::string{due->name}});
    forget_if_empty();
    REQUIRE(state_.find(number_) == (model_.contains(key_) ? here().number : nullptr));
    if (below(3) == 0) touch_number();
    REQUIRE(state_.key() == key_);
    return true;
  }

  void check_counts() {
    forget_if_empty();
    std::size_t timers = 0;
    std::size_t texts = 0;
    std::int64_t earliest[2] = {weir::time_max_us, weir::time_max_us};
    for (const auto& [key, content] : model_) {
      timers += content.timers.size();
      texts += content.text != nullptr ? 1 : 0;
      for (const auto& [name, deadline] : content.timers) {
        auto& least = earliest[static_cast<std::size_t>(name.first)];
        least = std::min(least, deadline);
      }
    }
    REQUIRE(state_.keys() == model_.size());
    REQUIRE(state_.timers() == timers);
    REQUIRE(current->size() == texts);
    REQUIRE(state_.next_deadline(clock_kind::event) <= earliest[0]);
    REQUIRE(state_.next_deadline(clock_kind::processing) <= earliest[1]);
  }

  setting setting_;
  std::mt19937_64 random_;
  std::vector<std::string> keys_;
  std::map<std::string, modelled> model_;
  std::string key_;
  std::string key_bytes_;
  weir::keyed_state state_;
  weir::cell_id number_ = 0;
  weir::cell_id text_ = 0;
  weir::cell_id wide_ = 0;
};

}  // namespace

TEST_CASE("keyed state does what a map of maps does") {
  constexpr std::uint64_t all_bits = ~std::uint64_t{0};
  const std::vector<setting> settings{
      {"few keys", 5, 10, all_bits, false, 3, 40},
      {"one key", 1, 0, all_bits, true, 100, 1'000},
      {"keys of eight bytes", 200, 8, all_bits, false, 2, 1'000'000},
      {"one hash", 40, 20, 0, true, 2, 10},
      {"few hashes", 150, 30, 0x0300'0000'0000'0003, false, 2, 5},
      {"long keys", 30, 3'000, all_bits, true, 2, 100},
      {"many names", 20, 12, all_bits, false, 500, 300},
  };
  for (const auto& each : settings) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      INFO("setting: " << each.name << ", seed " << seed);
      living objects;
      current = &objects;
      {
        comparison compared{each, seed};
        for (int step = 0; step < 1'200; ++step) compared.step();
        if (seed % 2 == 0) compared.end();
      }
      REQUIRE(objects.empty());
    }
  }
}

#include "state/timers/timer_queue.hpp"

#include "state/entry_table.hpp"
#include "state/memory/slab.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <deque>
#include <new>
#include <random>
#include <set>
#include <tuple>
#include <vector>

using namespace weir;
using namespace weir::state;

namespace {

/// One timer for each of many keys.
class timers {
 public:
  state_timer& make(std::int64_t deadline_us) {
    const auto number = static_cast<std::uint64_t>(all_.size());
    auto* block = static_cast<std::byte*>(memory_.allocate(key_room(sizeof number) + sizeof(state_entry)));
    std::memcpy(block, &number, sizeof number);
    auto* owner = ::new (block + key_room(sizeof number)) state_entry{};
    owner->key_size = sizeof number;
    owner->hash = number / 3 * 0x9e37'79b9'7f4a'7c15;  // three keys each share one
    auto& made = all_.emplace_back();
    made.owner = owner;
    made.deadline_us = deadline_us;
    return made;
  }

 private:
  slab memory_;
  std::deque<state_timer> all_;
};

struct earlier {
  bool operator()(const state_timer* a, const state_timer* b) const {
    const auto order = [](const state_timer& one) {
      return std::tuple{one.deadline_us, one.owner->hash, key_of(*one.owner)};
    };
    return order(*a) < order(*b);
  }
};

}  // namespace

TEST_CASE(
    "timers become due in one order, however many at once, and whatever is set, moved and cancelled "
    "meanwhile") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    std::mt19937_64 random{seed};
    timers made;
    timer_names names;
    timer_queue queue{names};
    std::set<state_timer*, earlier> expected;
    std::vector<state_timer*> idle;
    const auto spread = std::int64_t{1} << (random() % 12);  // few deadlines, or many
    const auto any_deadline = [&](std::int64_t now_us) {
      return now_us - 2 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(spread + 4));
    };
    const auto set = [&](std::int64_t now_us) {
      auto* timer = idle.empty() || random() % 2 == 0 ? &made.make(0) : idle.back();
      if (!idle.empty() && timer == idle.back()) idle.pop_back();
      timer->deadline_us = any_deadline(now_us);
      queue.insert(*timer);
      expected.insert(timer);
    };
    const auto any = [&] {
      return *std::next(expected.begin(),
                        static_cast<std::ptrdiff_t>(random() % std::min<std::size_t>(expected.size(), 50)));
    };
    for (int i = 0; i < 3'000; ++i) set(0);
    for (std::int64_t limit_us = 0; limit_us < 40 + spread;
         limit_us += 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(spread))) {
      for (;;) {
        auto* due = queue.due(limit_us);
        auto* first =
            expected.empty() || (*expected.begin())->deadline_us > limit_us ? nullptr : *expected.begin();
        REQUIRE(due == first);
        REQUIRE(queue.size() == expected.size());
        if (due == nullptr) break;
        REQUIRE(queue.next_deadline() <= due->deadline_us);
        queue.erase(*due);
        expected.erase(due);
        idle.push_back(due);
        const auto chance = random() % 8;
        if (chance < 2) set(chance == 0 ? limit_us : limit_us + spread);
        if (chance == 2 && !expected.empty()) {
          auto* moved = any();
          expected.erase(moved);
          moved->deadline_us = any_deadline(limit_us);
          queue.move(*moved);
          expected.insert(moved);
        }
        if (chance == 3 && !expected.empty()) {
          auto* cancelled = any();
          queue.erase(*cancelled);
          expected.erase(cancelled);
          idle.push_back(cancelled);
        }
      }
      if (random() % 4 == 0)
        for (int i = 0; i < 500; ++i) set(limit_us + 1);
    }
    CHECK((queue.next_deadline() == time_max_us) == expected.empty());
    while (auto* due = queue.due(time_max_us)) {
      REQUIRE(due == *expected.begin());
      queue.erase(*due);
      expected.erase(due);
    }
    CHECK(expected.empty());
    CHECK(queue.size() == 0);
  }
}

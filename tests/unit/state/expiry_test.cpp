/// Objects that end when they are not touched.

#include "state/state_store.hpp"
#include <weir/error.hpp>
#include <weir/key.hpp>
#include <weir/runtime/keyed_state.hpp>
#include <weir/state.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

using namespace std::chrono_literals;
using Catch::Contains;
using weir::clock_kind;
using weir::expires_after;
using weir::initially;

namespace {

struct expiring_cells : weir::cell_owner {
  weir::value<int> last{*this, "last", expires_after(10us)};
  weir::value<int> tries{*this, "tries", initially(3), expires_after(20us)};
  weir::value<int> lives{*this, "lives", expires_after(20us), initially(9)};
  weir::list<int> recent{*this, "recent", expires_after(10us)};
  weir::map<std::string, int> hits{*this, "hits", expires_after(10us)};
  weir::reduce<int> total{*this, "total", std::plus<>{}, initially(100), expires_after(10us)};
  weir::value<int> kept{*this, "kept"};
};

/// The cells of one instance, and where event time stands.
class instance {
 public:
  explicit instance(std::shared_ptr<weir::state::state_store> store = nullptr) {
    if (store != nullptr) state.attach(std::move(store), {.operator_name = "last", .keyed = true});
    state.follow(&now_us);
    for (auto* each : all.cells()) each->bind(state);
    if (state.is_attached()) REQUIRE(state.restore().ok());
  }

  void at(std::int64_t event_time_us, const std::string& key = "key") {
    now_us = event_time_us;
    key_ = key;
    state.select(weir::key_hash(key_), key_);
  }
  void pass(std::int64_t watermark_us) { REQUIRE_FALSE(state.take_due(clock_kind::event, watermark_us)); }

  std::int64_t now_us = weir::time_min_us;
  weir::keyed_state state;
  expiring_cells all;

 private:
  std::string key_;
};

}  // namespace

TEST_CASE("expires_after: an object that is touched in time stays") {
  instance one;
  for (std::int64_t now_us = 0; now_us < 100; now_us += 9) {
    one.at(now_us);
    CHECK(one.all.last.value_or(-1) == (now_us == 0 ? -1 : 7));
    if (now_us == 0) one.all.last = 7;
    one.pass(now_us);
  }
  one.at(108);
  CHECK(one.all.last.has_value());
  one.pass(117);
  one.at(117);
  CHECK(one.all.last.has_value());
  one.at(127);
  CHECK_FALSE(one.all.last.has_value());
}

TEST_CASE("expires_after: goes with every kind of cell, and with initially") {
  instance one;
  one.at(0);
  one.all.last = 1;
  CHECK(one.all.tries.get() == 3);
  CHECK(one.all.lives.get() == 9);
  one.all.tries = 2;
  one.all.recent.push_back(5);
  one.all.hits["a"] = 4;
  CHECK(one.all.total.add(1) == 101);
  one.all.kept = 6;
  CHECK(one.state.timers() == 0);
  one.pass(10);
  one.at(10);
  CHECK_FALSE(one.all.last);
  CHECK(one.all.recent.empty());
  CHECK(one.all.hits.empty());
  CHECK_FALSE(one.all.total);
  CHECK(one.all.tries.get() == 2);
  one.pass(30);
  one.at(30);
  CHECK(one.all.tries.get() == 3);
  CHECK(one.all.kept.get() == 6);
}

TEST_CASE("expires_after: the watermark takes the key, the record finds it old anyway") {
  instance one;
  one.at(0);
  one.all.last = 1;
  one.at(0, "other");
  one.all.last = 2;
  CHECK(one.state.keys() == 2);
  one.at(10);  // the watermark has not passed
  CHECK_FALSE(one.all.last);
  one.at(9, "other");
  CHECK(one.all.last.get() == 2);
  one.at(3, "other");  // late: makes it no older
  CHECK(one.all.last.get() == 2);
  CHECK(one.state.keys() == 1);
  one.pass(18);
  CHECK(one.state.keys() == 1);
  one.state.deselect();
  one.pass(19);
  CHECK(one.state.keys() == 0);
}

TEST_CASE("expires_after: a cleared object leaves nothing behind") {
  instance one;
  one.at(0);
  one.all.last = 1;
  one.all.last.clear();
  one.state.deselect();
  CHECK(one.state.keys() == 0);
  CHECK(one.state.next_deadline(clock_kind::event) == weir::time_max_us);
}

TEST_CASE("expires_after: the end of input is no event time") {
  instance one;
  one.at(0);
  one.all.last = 1;
  one.all.lives = 2;
  one.state.set_timer("t", clock_kind::event, 15);
  const auto due = one.state.take_due(clock_kind::event, weir::time_max_us);
  REQUIRE(due.has_value());
  CHECK(due->name == "t");
  one.now_us = due->deadline_us;
  CHECK_FALSE(one.all.last);
  one.pass(weir::time_max_us);
  CHECK(one.all.lives.get() == 2);
}

TEST_CASE("expires_after: without event time nothing expires") {
  instance one;
  one.at(weir::time_min_us);
  one.all.last = 1;
  one.pass(weir::time_max_us - 1);
  CHECK(one.all.last);
}

TEST_CASE("expires_after: survives, and is reverted with the rest") {
  const auto store = weir::state::make_memory_store();
  {
    instance first{store};
    first.at(0);
    first.all.last = 1;
    first.all.kept = 2;
    first.state.deselect();
    store->hand_over(first.state.take_changes());
    first.at(8);
    CHECK(first.all.last.get() == 1);  // until 18
    REQUIRE(first.state.revert().ok());
    first.state.trim(0);
    first.pass(9);
    first.at(9);
    CHECK(first.all.last.get() == 1);  // until 19, but nobody takes the changes
  }
  instance second{store};
  second.pass(9);
  second.at(9);
  CHECK(second.all.last.value_or(0) == 1);
  REQUIRE(second.state.revert().ok());
  second.pass(10);
  second.at(10);
  CHECK_FALSE(second.all.last);
  CHECK(second.all.kept.get() == 2);
  second.state.deselect();
  store->hand_over(second.state.take_changes());
  instance third{store};
  CHECK(third.state.next_deadline(clock_kind::event) == weir::time_max_us);
  third.at(10);
  CHECK_FALSE(third.all.last);
  CHECK(third.all.kept.get() == 2);
}

TEST_CASE("expires_after: must be positive") {
  CHECK_THROWS_WITH(expires_after(0us), Contains("must be positive"));
  CHECK_THROWS_WITH(expires_after(-1h), Contains("expires_after(-3600000000us)"));
}

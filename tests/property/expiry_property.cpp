/// Objects that expire, against a map of deadlines, over snapshots, failures and new processes.

#include "state/state_store.hpp"
#include <weir/key.hpp>
#include <weir/runtime/keyed_state.hpp>
#include <weir/state.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

using weir::clock_kind;

constexpr std::int64_t idle_us = 20;

struct behavior : weir::cell_owner {
  weir::value<std::int64_t> fleeting{*this, "fleeting",
                                     weir::expires_after(std::chrono::microseconds{idle_us})};
  weir::value<std::int64_t> lasting{*this, "lasting"};
};

struct modelled {
  std::optional<std::int64_t> fleeting;
  std::int64_t until_us = 0;  ///< of `fleeting`
  std::optional<std::int64_t> lasting;
  std::optional<std::int64_t> timer_us;
};

/// All that a snapshot holds.
struct modelled_instance {
  std::map<std::string, modelled> keys;
  std::int64_t watermark_us = 0;
};

class comparison {
 public:
  explicit comparison(std::uint64_t seed) : random_{seed}, store_{weir::state::make_memory_store()} {
    resume();
  }

  void step() {
    const auto dice = below(100);
    if (dice < 70)
      handle();
    else if (dice < 85)
      advance();
    else
      step_of_the_runtime();
  }

 private:
  std::int64_t below(std::int64_t limit) {
    return std::uniform_int_distribution<std::int64_t>{0, limit - 1}(random_);
  }

  /// A new process on the same store.
  void resume() {
    state_ = std::make_unique<weir::keyed_state>();
    state_->attach(store_, {.operator_name = "op", .keyed = true});
    live();
    REQUIRE(state_->restore().ok());
    model_ = stored_;
  }
  void live() {
    cells_ = std::make_unique<behavior>();
    state_->follow(&event_time_us_);
    for (auto* cell : cells_->cells()) cell->bind(*state_);
  }

  void handle() {
    event_time_us_ = std::max<std::int64_t>(0, model_.watermark_us + below(40) - 5);
    key_ = "key " + std::to_string(below(12));
    state_->select(weir::key_hash(key_), key_);
    look();
    auto& here = model_.keys[key_];
    switch (below(6)) {
      case 0:
      case 1: touch(here); break;
      case 2:
        cells_->fleeting.clear();
        here.fleeting.reset();
        break;
      case 3: here.lasting = cells_->lasting.set(below(1'000)); break;
      case 4:
        here.timer_us = model_.watermark_us + below(60);
        state_->set_timer("t", clock_kind::event, *here.timer_us);
        break;
      default: state_->prefetch(weir::key_hash(key_));
    }
  }

  void touch(modelled& here) {
    here.until_us = std::max(here.fleeting ? here.until_us : 0, event_time_us_ + idle_us);
    here.fleeting = cells_->fleeting.set(below(1'000));
  }

  /// What a handler finds at the event time that is being handled.
  void look() {
    auto& here = model_.keys[key_];
    if (here.fleeting && here.until_us <= event_time_us_) here.fleeting.reset();
    const auto* fleeting = cells_->fleeting.find();
    REQUIRE((fleeting != nullptr) == here.fleeting.has_value());
    if (fleeting != nullptr) {
      REQUIRE(*fleeting == *here.fleeting);
      here.until_us = std::max(here.until_us, event_time_us_ + idle_us);
    }
    const auto* lasting = cells_->lasting.find();
    REQUIRE((lasting != nullptr) == here.lasting.has_value());
    if (lasting != nullptr) REQUIRE(*lasting == *here.lasting);
  }

  /// Timers see what expires before them gone; the last ones of a deadline come by hash.
  void advance() {
    model_.watermark_us += below(30);
    while (const auto due = state_->take_due(clock_kind::event, model_.watermark_us)) {
      key_ = std::string{state_->key()};
      auto& here = model_.keys[key_];
      REQUIRE(here.timer_us == due->deadline_us);
      here.timer_us.reset();
      event_time_us_ = due->deadline_us;
      look();
    }
    for (auto& [key, here] : model_.keys) {
      REQUIRE((!here.timer_us || *here.timer_us > model_.watermark_us));
      if (here.fleeting && here.until_us <= model_.watermark_us) here.fleeting.reset();
    }
    state_->deselect();
    REQUIRE(state_->next_deadline(clock_kind::event) > model_.watermark_us);
  }

  void step_of_the_runtime() {
    switch (below(6)) {
      case 0:
      case 1:
        state_->deselect();
        store_->hand_over(state_->take_changes());
        stored_ = model_;
        break;
      case 2:
        REQUIRE(state_->revert().ok());
        model_ = stored_;
        state_->begin_life();
        live();
        break;
      case 3: state_->trim(0); break;
      case 4: REQUIRE(store_->write_pending().ok()); break;
      default: resume();
    }
    const auto timers = std::count_if(model_.keys.begin(), model_.keys.end(),
                                      [](const auto& each) { return each.second.timer_us.has_value(); });
    REQUIRE(state_->timers() == static_cast<std::size_t>(timers));
  }

  std::mt19937_64 random_;
  std::shared_ptr<weir::state::state_store> store_;
  std::unique_ptr<weir::keyed_state> state_;
  std::unique_ptr<behavior> cells_;
  modelled_instance model_;
  modelled_instance stored_;
  std::int64_t event_time_us_ = weir::time_min_us;
  std::string key_;
};

}  // namespace

TEST_CASE("state that expires does what a map of deadlines does") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    comparison compared{seed};
    for (int step = 0; step < 1'500; ++step) compared.step();
  }
}

#include "supervision/snapshot_coordinator.hpp"

#include <catch2/catch.hpp>

using weir::time_max_us;
using weir::supervision::snapshot_coordinator;
using weir::supervision::snapshot_step;
using phase = snapshot_coordinator::phase;

namespace weir::supervision {

bool operator==(const snapshot_step& one, const snapshot_step& other) {
  return one.abort_epoch == other.abort_epoch && one.missing == other.missing &&
         one.close_epoch == other.close_epoch && one.store_epoch == other.store_epoch;
}
std::ostream& operator<<(std::ostream& out, const snapshot_step& step) {
  return out << "abort " << step.abort_epoch << ", close " << step.close_epoch << ", store "
             << step.store_epoch;
}

}  // namespace weir::supervision

namespace {

constexpr std::int64_t every_us = 100;
constexpr std::int64_t timeout_us = 1'000;

const snapshot_step nothing{};
snapshot_step aborts(std::uint64_t epoch) { return {.abort_epoch = epoch}; }
snapshot_step closes(std::uint64_t epoch) { return {.close_epoch = epoch}; }
snapshot_step stores(std::uint64_t epoch) { return {.store_epoch = epoch}; }

weir::instance_snapshot at(std::uint64_t epoch, bool has_ended = false) {
  weir::instance_snapshot taken;
  taken.epoch = epoch;
  taken.has_ended = has_ended;
  return taken;
}

/// Asked for the first time at 0.
struct of_two : snapshot_coordinator {
  explicit of_two(std::uint64_t last_epoch = 0)
      : snapshot_coordinator{{.every_us = every_us, .timeout_us = timeout_us}, 2, last_epoch} {
    CHECK(on_time(0) == nothing);
  }

  /// The next snapshot is begun at `now_us`, and both acknowledge.
  void acknowledge_all(std::int64_t now_us) {
    const auto next = epoch() + 1;
    REQUIRE(on_time(now_us) == closes(next));
    REQUIRE(on_acknowledged(0, at(next)) == nothing);
    REQUIRE(on_acknowledged(1, at(next)) == stores(next));
  }
};

}  // namespace

TEST_CASE("snapshot_coordinator: a snapshot begins when it is due, and is complete when all have said so") {
  of_two c;
  CHECK(c.next_us() == every_us);
  CHECK(c.on_time(every_us - 1) == nothing);
  CHECK(c.now() == phase::idle);
  CHECK(c.on_time(every_us) == closes(1));
  CHECK(c.now() == phase::aligning);
  CHECK(c.next_us() == every_us + timeout_us);
  CHECK(c.missing() == 0);
  CHECK(c.on_acknowledged(0, at(1)) == nothing);
  CHECK(c.missing() == 1);
  CHECK(c.on_acknowledged(0, at(1)) == nothing);
  CHECK(c.on_acknowledged(1, at(1)) == stores(1));
  CHECK(c.missing() == c.instances());
  CHECK(c.now() == phase::storing);
  CHECK(c.next_us() == time_max_us);
  CHECK(c.complete_epoch() == 0);
  CHECK(c.on_stored(1, true, 150) == nothing);
  CHECK(c.now() == phase::idle);
  CHECK(c.complete_epoch() == 1);
  CHECK(c.next_us() == 2 * every_us);
  CHECK(c.on_time(2 * every_us) == closes(2));
  CHECK(c.aborted() == 0);
}

TEST_CASE("snapshot_coordinator: the first is due a whole interval after the job began") {
  snapshot_coordinator c{{.every_us = every_us, .timeout_us = timeout_us}, 1};
  CHECK(c.next_us() == time_max_us);
  CHECK(c.on_time(70'000) == nothing);
  CHECK(c.next_us() == 70'000 + every_us);
}

TEST_CASE("snapshot_coordinator: epochs go on behind those of an earlier job") {
  of_two c{41};
  CHECK(c.epoch() == 41);
  CHECK(c.complete_epoch() == 41);
  CHECK(c.on_time(every_us) == closes(42));
  CHECK(c.complete_epoch() == 41);
}

TEST_CASE("snapshot_coordinator: a wanted snapshot does not wait for its time") {
  of_two c;
  CHECK(c.on_wanted(10) == closes(1));
  CHECK(c.on_wanted(11) == nothing);  // one at a time: it follows
  CHECK(c.on_acknowledged(0, at(1)) == nothing);
  CHECK(c.on_acknowledged(1, at(1)) == stores(1));
  CHECK(c.on_wanted(12) == nothing);
  CHECK(c.on_stored(1, true, 13) == closes(2));
  CHECK(c.next_us() == 13 + timeout_us);
  CHECK(c.on_acknowledged(0, at(2)) == nothing);
  CHECK(c.on_acknowledged(1, at(2)) == stores(2));
  CHECK(c.on_stored(2, true, 14) == nothing);  // both wishes are granted
  CHECK(c.next_us() == 13 + every_us);
}

TEST_CASE("snapshot_coordinator: while one is being written none begins, however late it is") {
  of_two c;
  c.acknowledge_all(every_us);
  CHECK(c.on_time(every_us + 50 * timeout_us) == nothing);
  CHECK(c.now() == phase::storing);
  CHECK(c.epoch() == 1);
  CHECK(c.on_stored(7, true, 60'000) == nothing);  // nobody asked for that one
  CHECK(c.now() == phase::storing);
  CHECK(c.on_stored(1, true, 60'000) == closes(2));
  CHECK(c.complete_epoch() == 1);
  CHECK(c.on_stored(1, true, 60'001) == nothing);
  CHECK(c.now() == phase::aligning);
}

TEST_CASE(
    "snapshot_coordinator: one that cannot be written is not complete, and the next one takes its place") {
  of_two c;
  c.acknowledge_all(every_us);
  CHECK(c.on_stored(1, false, 120) == nothing);
  CHECK(c.now() == phase::idle);
  CHECK(c.complete_epoch() == 0);
  CHECK(c.aborted() == 1);
  c.acknowledge_all(2 * every_us);
  CHECK(c.on_stored(2, true, 220) == nothing);
  CHECK(c.complete_epoch() == 2);
}

TEST_CASE("snapshot_coordinator: one that takes too long is given up, and the next one begins") {
  of_two c;
  REQUIRE(c.on_time(every_us) == closes(1));
  REQUIRE(c.on_acknowledged(0, at(1)) == nothing);
  CHECK(c.on_time(every_us + timeout_us - 1) == nothing);
  CHECK(c.on_time(every_us + timeout_us) == snapshot_step{.abort_epoch = 1, .missing = 1, .close_epoch = 2});
  CHECK(c.aborted() == 1);
  CHECK(c.now() == phase::aligning);
  CHECK(c.missing() == 0);

  SECTION("acknowledging it late does not count for the next one") {
    CHECK(c.on_acknowledged(1, at(1)) == nothing);
    CHECK(c.on_acknowledged(0, at(2)) == nothing);
    CHECK(c.missing() == 1);
    CHECK(c.on_acknowledged(1, at(2)) == stores(2));
    CHECK(c.on_stored(2, true, 1'200) == closes(3));  // it was due while the first one waited
    CHECK(c.complete_epoch() == 2);
  }
  SECTION("an instance may never hear of it") {
    CHECK(c.on_acknowledged(1, at(2)) == nothing);
    CHECK(c.on_acknowledged(0, at(2)) == stores(2));
  }
}

TEST_CASE("snapshot_coordinator: given up before the next one is due, nothing is under way") {
  snapshot_coordinator c{{.every_us = 1'000, .timeout_us = 10}, 1};
  CHECK(c.on_time(0) == nothing);
  CHECK(c.on_time(1'000) == closes(1));
  CHECK(c.next_us() == 1'010);
  CHECK(c.on_time(1'010) == aborts(1));
  CHECK(c.now() == phase::idle);
  CHECK(c.next_us() == 2'000);
  CHECK(c.on_acknowledged(0, at(1)) == nothing);  // too late, and harmless
  CHECK(c.now() == phase::idle);
  CHECK(c.on_time(2'000) == closes(2));
}

TEST_CASE("snapshot_coordinator: who has ended counts for every later epoch") {
  of_two c;
  SECTION("before it begins") {
    CHECK(c.on_ended(0) == nothing);
    CHECK(c.on_time(every_us) == closes(1));
    CHECK(c.missing() == 1);
    CHECK(c.on_acknowledged(1, at(1)) == stores(1));
  }
  SECTION("as the last one that is missing") {
    REQUIRE(c.on_time(every_us) == closes(1));
    CHECK(c.on_acknowledged(0, at(1)) == nothing);
    CHECK(c.on_ended(1) == stores(1));
  }
  SECTION("by its own account, which later ones do not take back") {
    REQUIRE(c.on_time(every_us) == closes(1));
    CHECK(c.on_acknowledged(0, at(0, true)) == nothing);
    CHECK(c.on_acknowledged(0, at(0)) == nothing);
    CHECK(c.taken()[0].has_ended);
    CHECK(c.on_acknowledged(1, at(1)) == stores(1));
  }
}

TEST_CASE("snapshot_coordinator: when all have ended none begins") {
  of_two c;
  CHECK(c.on_ended(0) == nothing);
  CHECK_FALSE(c.all_ended());
  CHECK(c.on_ended(1) == nothing);
  CHECK(c.all_ended());
  CHECK(c.on_time(every_us) == nothing);
  CHECK(c.on_wanted(every_us) == nothing);
  CHECK(c.epoch() == 0);
  CHECK(c.now() == phase::idle);
}

TEST_CASE("snapshot_coordinator: behind stop() what is under way may still be completed, nothing begins") {
  of_two c;
  SECTION("idle") {
    c.stop();
    CHECK(c.on_time(every_us) == nothing);
    CHECK(c.on_wanted(every_us) == nothing);
  }
  SECTION("aligning") {
    REQUIRE(c.on_time(every_us) == closes(1));
    c.stop();
    CHECK(c.on_time(every_us + timeout_us) == nothing);
    CHECK(c.on_acknowledged(0, at(1)) == nothing);
    CHECK(c.on_acknowledged(1, at(1)) == stores(1));
    CHECK(c.on_stored(1, true, 5'000) == nothing);
    CHECK(c.complete_epoch() == 1);
  }
  SECTION("storing") {
    c.acknowledge_all(every_us);
    c.stop();
    CHECK(c.on_stored(1, true, 5'000) == nothing);
    CHECK(c.complete_epoch() == 1);
  }
  CHECK(c.next_us() == time_max_us);
}

TEST_CASE("snapshot_coordinator: an epoch consists of what instances were at its barrier") {
  of_two c;
  auto taken = at(1);
  taken.keys = 17;
  auto at_end = at(2, true);
  at_end.keys = 23;
  REQUIRE(c.on_time(every_us) == closes(1));
  CHECK(c.on_acknowledged(1, taken) == nothing);
  CHECK(c.on_acknowledged(1, at_end) == nothing);  // it has ended behind the barrier
  CHECK(c.on_ended(1) == nothing);
  CHECK(c.on_acknowledged(0, at(1)) == stores(1));
  CHECK(c.taken()[1].keys == 17);
  CHECK_FALSE(c.taken()[1].has_ended);
  REQUIRE(c.on_stored(1, true, every_us) == nothing);
  REQUIRE(c.on_time(2 * every_us) == closes(2));
  CHECK(c.on_acknowledged(0, at(2)) == stores(2));
  CHECK(c.taken()[1].keys == 23);
  CHECK(c.taken()[1].has_ended);
}

TEST_CASE("snapshot_coordinator: a savepoint comes at once, and behind the snapshot that is on its way") {
  of_two c;
  SECTION("idle") {
    CHECK(c.on_savepoint_wanted(1, false) == closes(1));
    CHECK(c.is_savepoint());
    CHECK_FALSE(c.is_suspending());
  }
  SECTION("while another is on its way") {
    REQUIRE(c.on_time(every_us) == closes(1));
    CHECK(c.on_savepoint_wanted(every_us, true) == nothing);
    CHECK_FALSE(c.is_savepoint());
    REQUIRE(c.on_acknowledged(0, at(1)) == nothing);
    REQUIRE(c.on_acknowledged(1, at(1)) == stores(1));
    const auto next = c.on_stored(1, true, every_us + 1);
    CHECK(next == closes(2));
    CHECK(next.is_suspending);
    CHECK(c.is_savepoint());
    CHECK(c.is_suspending());
  }
  SECTION("one that times out is tried again, unless the job was to stop behind it") {
    const auto suspends = GENERATE(false, true);
    REQUIRE(c.on_savepoint_wanted(1, suspends) == closes(1));
    const auto next = c.on_time(1 + timeout_us);
    CHECK(next.abort_epoch == 1);
    CHECK(next.close_epoch == 2);  // periodic ones are due anyway
    CHECK(c.is_savepoint() == !suspends);
    CHECK_FALSE(c.is_suspending());
  }
}

TEST_CASE("snapshot_coordinator: without a period only what is wanted is taken") {
  snapshot_coordinator c{{.every_us = 0, .timeout_us = timeout_us}, 1};
  CHECK(c.on_time(0) == nothing);
  CHECK(c.next_us() == time_max_us);
  CHECK(c.on_savepoint_wanted(5, false) == closes(1));
  CHECK(c.on_acknowledged(0, at(1)) == stores(1));
  CHECK(c.on_stored(1, true, 9) == nothing);
  CHECK(c.next_us() == time_max_us);
}

TEST_CASE("snapshot_coordinator: a last snapshot is taken once all have ended") {
  snapshot_coordinator c{{.every_us = 0, .timeout_us = timeout_us, .takes_last = true}, 1, 7};
  CHECK(c.on_time(0) == nothing);
  CHECK(c.on_acknowledged(0, at(8, true)) == nothing);
  const auto last = c.on_time(1);
  CHECK(last.close_epoch == 8);
  CHECK(last.store_epoch == 8);
  SECTION("kept") {
    CHECK(c.on_stored(8, true, 2) == nothing);
    CHECK(c.has_last());
    CHECK(c.on_time(1'000'000'000) == nothing);
  }
  SECTION("not kept: tried again later") {
    CHECK(c.on_stored(8, false, 2) == nothing);
    CHECK_FALSE(c.has_last());
    CHECK(c.on_time(3) == nothing);
    CHECK(c.next_us() < time_max_us);
    CHECK(c.on_time(c.next_us()).store_epoch == 9);
  }
}

TEST_CASE("snapshot_coordinator: a job that goes on from a snapshot counts on from it") {
  auto was = at(7, true);
  was.keys = 3;
  snapshot_coordinator c{{.every_us = every_us, .timeout_us = timeout_us}, {was}, 9};
  CHECK(c.epoch() == 9);
  CHECK_FALSE(c.all_ended());  // it says so again
  CHECK(c.on_time(0) == nothing);
  CHECK(c.on_time(every_us) == closes(10));
  CHECK(c.on_ended(0) == stores(10));
  CHECK(c.taken()[0].keys == 3);
}

#include "supervision/snapshot_coordinator.hpp"

#include <catch2/catch.hpp>

using weir::time_max_us;
using weir::supervision::snapshot_coordinator;
using weir::supervision::snapshot_step;
using phase = snapshot_coordinator::phase;

namespace weir::supervision {

bool operator==(const snapshot_step& one, const snapshot_step& other) {
  return one.abort_epoch == other.abort_epoch && one.close_epoch == other.close_epoch &&
         one.store_epoch == other.store_epoch;
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
snapshot_step aborts(std::uint64_t epoch) { return {epoch, 0, 0}; }
snapshot_step closes(std::uint64_t epoch) { return {0, epoch, 0}; }
snapshot_step stores(std::uint64_t epoch) { return {0, 0, epoch}; }

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

TEST_CASE("snapshot_coordinator: without an interval there is never one") {
  snapshot_coordinator c{{}, 2};
  CHECK(c.on_time(1'000'000'000) == nothing);
  CHECK(c.on_wanted(1'000'000'001) == nothing);
  CHECK(c.next_us() == time_max_us);
  CHECK(c.epoch() == 0);
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
  CHECK(c.on_time(every_us + timeout_us) == snapshot_step{1, 2, 0});
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
    CHECK(c.latest()[0].has_ended);
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

TEST_CASE("snapshot_coordinator: keeps what every instance last said") {
  of_two c;
  auto taken = at(1);
  taken.keys = 17;
  REQUIRE(c.on_time(every_us) == closes(1));
  CHECK(c.on_acknowledged(1, taken) == nothing);
  CHECK(c.latest()[1].keys == 17);
  CHECK(c.latest()[0].epoch == 0);
}

#include "operators/watermark_merge.hpp"

#include <catch2/catch.hpp>

using weir::time_max_us;
using weir::time_min_us;
using weir::watermark_merge;

TEST_CASE("watermark_merge: the slowest channel decides") {
  watermark_merge merge{3};
  CHECK(merge.merged() == time_min_us);
  merge.advance(0, 10);
  merge.advance(1, 20);
  CHECK(merge.merged() == time_min_us);
  merge.advance(2, 15);
  CHECK(merge.merged() == 10);
  merge.advance(0, 30);
  CHECK(merge.merged() == 15);
}

TEST_CASE("watermark_merge: never goes back") {
  watermark_merge merge{2};
  merge.advance(0, 10);
  merge.advance(1, 10);
  merge.advance(0, 5);
  CHECK(merge.merged() == 10);
  CHECK(merge.of(0) == 10);
}

TEST_CASE("watermark_merge: an idle channel holds nothing back") {
  watermark_merge merge{2};
  merge.advance(0, 10);
  merge.set_idle(1);
  CHECK(merge.is_idle(1));
  CHECK(merge.merged() == 10);
  merge.advance(0, 20);
  CHECK(merge.merged() == 20);
  SECTION("it comes back behind, and the merged watermark waits for it") {
    merge.advance(1, 12);
    CHECK_FALSE(merge.is_idle(1));
    CHECK(merge.merged() == 20);
    merge.advance(0, 40);
    CHECK(merge.merged() == 20);
    merge.advance(1, 30);
    CHECK(merge.merged() == 30);
  }
  SECTION("when all are idle time stands still") {
    merge.set_idle(0);
    CHECK(merge.all_idle());
    CHECK(merge.merged() == 20);
    merge.advance(0, 50);
    CHECK_FALSE(merge.all_idle());
    CHECK(merge.merged() == 50);
  }
}

TEST_CASE("watermark_merge: an ended channel holds nothing back ever again") {
  watermark_merge merge{2};
  merge.advance(0, 10);
  merge.set_ended(1);
  CHECK(merge.is_ended(1));
  CHECK(merge.merged() == 10);
  merge.advance(1, 5);
  merge.set_idle(1);
  CHECK(merge.is_ended(1));
  merge.set_idle(0);
  CHECK(merge.all_idle());
  merge.set_ended(0);
  CHECK_FALSE(merge.all_idle());
  CHECK(merge.all_ended());
  CHECK(merge.merged() == time_max_us);
}

TEST_CASE("watermark_merge: what the other channels allow") {
  watermark_merge merge{3};
  merge.advance(0, 10);
  merge.advance(1, 20);
  merge.advance(2, 30);
  CHECK(merge.others(0) == 20);
  CHECK(merge.others(1) == 10);
  merge.set_idle(0);
  CHECK(merge.others(1) == 30);
  merge.set_ended(2);
  CHECK(merge.others(1) == time_max_us);
  CHECK(watermark_merge{1}.others(0) == time_max_us);
}

TEST_CASE("watermark_merge: nothing that a timeless channel says counts but its end") {
  watermark_merge merge{2};
  merge.set_timeless(1);
  merge.advance(0, 10);
  CHECK(merge.merged() == 10);
  merge.advance(1, 5);
  CHECK(merge.is_idle(1));
  CHECK(merge.others(0) == time_max_us);
  merge.advance(0, 20);
  CHECK(merge.merged() == 20);
  merge.advance(1, 100);
  merge.set_ended(0);
  CHECK(merge.merged() == 20);
  CHECK(merge.all_idle());
  merge.set_ended(1);
  CHECK(merge.merged() == time_max_us);
}

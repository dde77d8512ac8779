#pragma once
/// A capsule with something in each of its parts.

#include "operators/batch_image.hpp"
#include "operators/capsule.hpp"
#include "support/records.capnp.h"
#include <weir/runtime/batch_writer.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir::tests {

/// `count` Readings with event times.
[[nodiscard]] inline batch_view readings(
    std::uint32_t count, const std::shared_ptr<buffer_pool>& pool = std::make_shared<buffer_pool>()) {
  batch_writer writer{record_type::of<test::Reading>(), {}, {}, pool};
  std::vector<batch_ptr> done;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto out = writer.append().as<test::Reading>();
    out.setSensor("s" + std::to_string(i));
    out.setValue(-static_cast<std::int64_t>(i));
    if (i % 2 == 0) out.setNote(std::string(i, 'n'));
    writer.commit(1'000 + i, 900 + i);
    if (writer.full() && i + 1 < count) return readings(count / 2, pool);
  }
  return batch_view{writer.seal()};
}

/// Positions 1, 3, 5, ... with hashes.
[[nodiscard]] inline batch_view every_second(const batch_view& all) {
  auto chosen = make_counted<selection>();
  for (std::uint32_t i = 1; i < all.size(); i += 2) {
    chosen->indices.push_back(i);
    chosen->hashes.push_back(std::uint64_t{i} << 40U);
  }
  return all.with_selection(selection_ptr{chosen});
}

[[nodiscard]] inline capsule sample_capsule() {
  capsule made;
  made.captured_us = 1'700'000'000'000'000;
  made.job = "sample";
  made.arguments = {{"input", "a.csv"}, {"empty", ""}};
  made.operators = {{"in", 1}, {"watch", 4}};
  made.seed = 17;
  made.stops_at_bad_record = true;
  made.operator_name = "watch";
  made.instance = 3;
  made.incarnation = 2;
  made.snapshot.instance = 3;
  made.snapshot.epoch = 5;
  made.snapshot.has_begun = true;
  made.snapshot.host = {1, 2, 3, 4, 5};
  made.channels = {{"in/0", 0, 7, 8, {100, true, false}}, {"in/1", 1, 9, 10, {time_min_us, false, true}}};
  made.rows = {{std::string{"watch\0s", 7}, std::string{"\x01\x00", 2}}, {"k", ""}};
  made.frames.push_back({frame_kind::batch, 1, 10, image_of(every_second(readings(8))), 9, 0});
  made.frames.push_back({frame_kind::watermark, 0, 11, {}, time_max_us, 0});
  made.frames.push_back({frame_kind::idle, 0, 11, {}, time_max_us, 0});
  made.frames.push_back({frame_kind::end, 1, time_max_us, {}, time_max_us, 0});
  made.frames.push_back({frame_kind::barrier, 0, 12, {}, time_max_us, 6});
  made.events = {{{1, 2, true}, journal_event::kind::clock, 77},
                 {{2, 4, false},
                  journal_event::kind::question,
                  0,
                  99,
                  "key",
                  std::make_shared<const std::vector<std::uint64_t>>(3, 1)}};
  made.readings = {5, 6, -7};
  made.poisoned = {{2, true, {errc::behavior_failed, "no"}, "ORD", "timer 'calm'", "a.capsule"}};
  made.reached = {4, 9, true};
  made.has_failed = true;
  made.tick = 9;
  made.why = {errc::behavior_failed, "a text\nof two lines"};
  made.activity = "record 1 of 4";
  return made;
}

}  // namespace weir::tests

#pragma once
/// What every instance of a job is given: limits, clocks, memory, and the seams that tests replace.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <weir/dead_letters.hpp>
#include <weir/runtime/batch_writer.hpp>
#include <weir/runtime/behavior_host.hpp>

#include "operators/frame.hpp"

namespace weir::actors {

/// What a fault injector does to a frame at the send seam.
enum class frame_fate : std::uint8_t { deliver, lose, double_it };

/// The seams for simulation. All optional.
struct test_seams {
  /// Decides about every frame that leaves `instance`; may change it.
  std::function<frame_fate(std::string_view instance, frame& leaving)> on_send;
  /// Decides about every credit message; returns the bytes that are really granted.
  std::function<std::uint64_t(std::string_view instance, std::uint64_t bytes)> on_grant;
  /// Hears about every frame that is consumed.
  std::function<void(std::string_view instance, const frame& consumed)> on_consume;
};

/// Shared by all instances of a job; constant while the job runs. Times in microseconds.
struct environment {
  std::string job;
  batch_limits batches{};
  std::uint64_t window_bytes = std::uint64_t{2} << 20;      ///< credit of all channels into one instance together
  std::uint64_t window_bytes_min = std::uint64_t{64} << 10;  ///< of one channel
  std::int64_t linger_us = 5'000;  ///< an open batch waits no longer while its producer is busy with other input
  std::uint32_t steps_per_turn = 8;  ///< units of work before other actors get their turn
  std::int64_t poll_us_max = 100'000;  ///< how seldom a source that found nothing looks again
  std::uint64_t seed = 0;
  double replay_speed = 0;  ///< event time per wall time of sources; 0: as fast as it goes
  bool stop_at_bad_record = false;
  bool threads_for_blocking = true;  ///< false: everything on the scheduler, as simulation needs it
  std::shared_ptr<buffer_pool> memory = std::make_shared<buffer_pool>();
  now_function wall_us;    ///< since 1970
  now_function steady_us;  ///< for durations
  std::shared_ptr<dead_letters> letters;  ///< null: counted only
  test_seams seams{};
};

using environment_ptr = std::shared_ptr<const environment>;

}  // namespace weir::actors

#pragma once
/// What every instance of a job is given: limits, clocks, memory, and the seams that tests replace.

#include "io/capsules/capsule_store.hpp"
#include "operators/frame.hpp"
#include "state/state_store.hpp"
#include <weir/dead_letters.hpp>
#include <weir/runtime/batch_writer.hpp>
#include <weir/runtime/behavior_host.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::actors {

class instance_cell;

/// A channel, seen from outside.
struct channel_ends {
  std::string_view from;     ///< the sending instance, `parse/0`
  std::string_view to;       ///< the consuming one
  std::uint32_t number = 0;  ///< the consumer's number for it
};

/// Where in its life an instance may be made to die.
enum class crash_point : std::uint8_t {
  before_step,  ///< between two frames, or within one where it had stopped
  after_step,
  before_snapshot,  ///< the barrier has come, what was emitted has left
  after_snapshot,   ///< the barrier was passed on
  in_commit,        ///< a sink was told that the snapshot is complete
  after_commit,
  in_replay,  ///< like before_step, in a life that goes through its journal
};

/// Where simulation looks in and breaks things. Not for anything else. Each may be empty, and costs a branch per frame
/// or credit message then.
struct test_seams {
  /// Gets every frame that leaves; returns what leaves instead, in this order.
  std::function<std::vector<frame>(const channel_ends&, frame leaving)> on_send;
  /// Gets every credit message from a channel's consumer to its sender; returns the bytes that are granted instead.
  std::function<std::uint64_t(const channel_ends&, std::uint64_t bytes)> on_grant;
  /// Hears of every frame once it is consumed.
  std::function<void(std::string_view instance, const frame& consumed)> on_consume;
  /// Hears of every instance that is restarted alone.
  std::function<void(std::string_view instance)> on_restart;
  /// Gets the cell of an instance on which a life is about to begin, be it the first or a later one.
  std::function<void(instance_cell& cell)> on_life;
  /// Called where an instance may die; it dies of what is thrown.
  std::function<void(std::string_view instance, crash_point where)> on_crash_point;
  /// Gets a wire::InstanceReport from every instance whose actor ends, after its last message.
  std::function<void(std::shared_ptr<const std::vector<std::uint64_t>> report)> on_leave;
};

/// How state survives, and what an instance does about its own death.
struct recovery {
  bool takes_snapshots = false;  ///< false: nothing is journaled, and every failure escalates
  bool commits_output = false;   ///< sinks make output visible with complete snapshots only
  std::uint64_t attempt = 1;     ///< of the job: which deployment this is
  std::uint64_t journal_bytes_max = std::uint64_t{128} << 20;  ///< of all instances together
  /// A transform's journal begins anew once it takes so much: what is replayed, and what lies in memory behind the
  /// records in use, stays small.
  std::uint64_t journal_cut_bytes = std::uint64_t{1} << 20;
  /// Behind a barrier, so many changed keys and bytes are written at a time, between two frames.
  std::size_t write_keys = 512;
  std::size_t write_bytes = std::size_t{128} << 10;
  std::uint64_t state_bytes_max = std::uint64_t{1} << 30;  ///< like journal_bytes_max, of objects in memory
  std::uint32_t poison_deaths =
      3;  ///< so many deaths at one record make it a dead letter; 0: it stops the job
  bool drops_unknown_state = false;
  std::shared_ptr<state::state_store> store;  ///< set where takes_snapshots
  std::shared_ptr<std::atomic<std::uint64_t>> journal_bytes =
      std::make_shared<std::atomic<std::uint64_t>>(0);  ///< in use
  std::uint32_t stateful_instances = 1;                 ///< that share state_bytes_max
};

/// What becomes of the last moments of an instance.
struct capsule_keeping {
  std::shared_ptr<io::capsule_store> store;                      ///< null: no capsules are made
  std::vector<std::pair<std::string, std::string>> arguments{};  ///< of the job, for whoever builds it again
};

/// Shared by all instances of a job; constant while the job runs. Times in microseconds.
struct environment {
  std::string job;
  batch_limits batches{};
  std::uint64_t window_bytes = std::uint64_t{2} << 20;  ///< credit of all channels into one instance together
  std::uint64_t window_bytes_min = std::uint64_t{64} << 10;  ///< of one channel
  std::int64_t linger_us =
      5'000;  ///< an open batch waits no longer while its producer is busy with other input
  std::uint32_t steps_per_turn = 8;    ///< units of work before other actors get their turn
  std::int64_t poll_us_max = 100'000;  ///< how seldom a source that found nothing looks again
  std::uint64_t seed = 0;
  double replay_speed = 0;  ///< event time per wall time of sources; 0: as fast as it goes
  bool stop_at_bad_record = false;
  bool threads_for_blocking = true;  ///< false: everything on the scheduler, as simulation needs it
  std::shared_ptr<buffer_pool> memory = std::make_shared<buffer_pool>();
  now_function wall_us;                   ///< since 1970
  now_function steady_us;                 ///< for durations
  std::shared_ptr<dead_letters> letters;  ///< null: counted only
  recovery recovering{};
  capsule_keeping capsules{};
  test_seams seams{};
};

using environment_ptr = std::shared_ptr<const environment>;

}  // namespace weir::actors

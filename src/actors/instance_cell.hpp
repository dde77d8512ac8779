#pragma once
/// What of an instance survives its incarnations.

#include "actors/environment.hpp"
#include "actors/inbox.hpp"
#include "actors/source_alignment.hpp"
#include "actors/wiring.hpp"
#include "operators/input_gate.hpp"
#include "operators/instance_snapshot.hpp"
#include "operators/journal.hpp"
#include "operators/output_ports.hpp"
#include "operators/restart_intensity.hpp"
#include <weir/runtime/graph.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::actors {

/// Which instance it is.
struct instance_identity {
  std::uint32_t node = 0;
  std::uint32_t number = 0;
  std::uint32_t incarnation = 1;
  std::uint32_t parallelism = 1;
  std::string operator_name;

  [[nodiscard]] std::string name() const { return operator_name + "/" + std::to_string(number); }
};

/// The deaths at one tick since the last own snapshot.
struct death_count {
  std::uint64_t tick = 0;  ///< 0: none
  std::uint32_t deaths = 0;
};

/// The capsule of the latest death since the last own snapshot.
struct known_capsule {
  journal_point of;
  std::string path;  ///< empty: there is none
};

/// Owned by the operator supervisor, used by the living incarnation; but for the inbox, which is thread-safe, nobody
/// else may touch it while one lives.
class instance_cell final : private frame_sender {
 public:
  instance_cell(std::shared_ptr<const graph> job, instance_identity who, environment_ptr shared);

  /// Its channels. Called once, before the first life.
  void connect(wiring channels);
  /// The first life begins from this snapshot and not from nothing. Called before the first life.
  void resume_from(instance_snapshot snapshot, std::vector<std::string> bookmarks);

  /// A life is over, having come to `reached`: what it consumed will be consumed again, what it emitted will not leave
  /// again.
  [[nodiscard]] result<void> rewind(const journal_point& reached);
  /// An own snapshot was taken: what came before is not needed any more. Precondition: the state is marked.
  void cut(instance_snapshot snapshot);
  /// False: the journal was given up, or there is none; only the region can be restarted.
  [[nodiscard]] bool can_restart() const noexcept { return keeps_journal_; }
  /// The journal took too much memory: nothing is kept until the next own snapshot.
  void give_up_journal();
  /// What the next life would need of this one, and what of the state it would have back.
  [[nodiscard]] std::uint64_t journal_bytes() const noexcept;
  /// Tells the process what the journal takes now; the bytes of all instances together.
  std::uint64_t account_journal();

  [[nodiscard]] const graph& job() const noexcept { return *job_; }
  [[nodiscard]] const graph_node& node() const noexcept { return job_->nodes[identity.node]; }
  [[nodiscard]] const wiring& channels() const noexcept { return channels_; }

  instance_identity identity;
  environment_ptr shared;
  std::shared_ptr<inbox> in = std::make_shared<inbox>();
  std::unique_ptr<input_gate> gate;
  std::unique_ptr<output_ports> ports;
  journal log;
  std::shared_ptr<keyed_state> state;  ///< transforms
  instance_snapshot snapshot;          ///< the last own one
  /// Taken at a barrier that was passed on, but the changes of the state are not written yet.
  std::optional<instance_snapshot> unwritten;
  std::vector<std::string> bookmarks;  ///< of a resumed source: those of all parts of all earlier instances
  host_counters counters;              ///< up to the last own snapshot
  std::uint64_t bad_records = 0;       ///< a source's dead letters, of all lives
  restart_intensity intensity;
  death_count at_one_tick;
  known_capsule capsule;
  std::optional<std::string>
      sink_mark;  ///< what a sink's writer told of itself behind the last prepare(), at the last cut
  std::uint64_t sink_written = 0;     ///< records that have left a sink's writer since the last own snapshot
  std::uint64_t committed_epoch = 0;  ///< a sink's: complete, and not yet committed; 0: none
  std::uint64_t epoch_to_close = 0;   ///< a source's: the barrier that it was last asked for
  bool is_suspended = false;          ///< a source's: nothing is sent behind that barrier
  bool has_come_to_end = false;       ///< a source's: all is sent; a sink's: all is written, but not final
  std::uint64_t output_epoch = 0;     ///< a sink's: output of later epochs does not count
  bool may_finish = false;            ///< a sink's: so have all others
  bool draining = false;
  std::uint64_t read_at_least = 0;  ///< a draining source's: so many records were read when it was told
  bool is_first_life = true;        ///< of this cell
  std::shared_ptr<source_alignment> alignment;  ///< a source's that waits for others; null: it does not
  std::size_t alignment_place = 0;
  std::atomic<bool> is_replayable{
      true};  ///< false: a source whose reader has no bookmarks. Read by supervisors

 private:
  void send(std::uint32_t channel, frame leaving) override;

  std::shared_ptr<const graph> job_;
  std::string name_;
  wiring channels_;
  bool keeps_journal_ = false;
  std::uint64_t accounted_bytes_ = 0;
};

}  // namespace weir::actors

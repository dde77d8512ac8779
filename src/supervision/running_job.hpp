#pragma once
/// A job that runs in this process, on real threads.

#include "io/capsules/capsule_store.hpp"
#include "supervision/job_outcome.hpp"
#include "supervision/job_storage.hpp"
#include <weir/dead_letters.hpp>
#include <weir/runtime/graph.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::supervision {

/// How a job runs. Sizes in bytes.
struct run_settings {
  std::uint32_t threads = 0;  ///< of the scheduler; 0: one per core
  batch_limits batches{};
  std::uint64_t window_bytes = std::uint64_t{2} << 20;  ///< credit into one instance
  std::chrono::microseconds linger{5'000};
  double replay_speed = 0;  ///< event time per wall time; 0: full speed
  bool stop_at_bad_record = false;
  std::uint64_t seed = 0;
  std::shared_ptr<dead_letters> letters;
  std::chrono::microseconds snapshot_every{
      0};                            ///< 0, and no directory: none; then every failure ends the job
  std::string snapshots;             ///< the directory; empty: they do not outlive the process
  std::uint32_t snapshots_kept = 3;  ///< savepoints do not count
  std::string resume;  ///< empty: from the beginning; `latest`, if there is one; or the path of a snapshot
  bool drops_state = false;  ///< state that nobody takes over may go
  std::chrono::microseconds snapshot_timeout{60'000'000};
  std::uint64_t journal_bytes_max = std::uint64_t{128} << 20;
  std::uint64_t state_bytes_max = std::uint64_t{4} << 30;
  std::uint32_t poison_deaths = 3;                ///< 0: a record that every life dies of ends the job
  std::shared_ptr<io::capsule_store> capsules{};  ///< null: failures leave none
  std::vector<std::pair<std::string, std::string>> arguments{};  ///< of the job, which capsules tell
};

/// Owns the job's actors. Thread-safe. Its destructor stops a job that still runs.
class running_job {
 public:
  /// Checks the graph and starts it.
  [[nodiscard]] static result<std::unique_ptr<running_job>> start(std::shared_ptr<const graph> job,
                                                                  const run_settings& settings);
  ~running_job();

  /// The outcome, once the job has ended; nothing if it still runs after `patience`.
  [[nodiscard]] std::optional<job_outcome> wait_for(std::chrono::milliseconds patience);
  /// Sources end, and the job finishes what is on its way.
  void drain();
  /// Takes a savepoint as soon as it can. Suspending: the job ends behind it, and what it put out up to there is committed.
  /// False: the job has ended. Where it ends before it could, its outcome says so.
  [[nodiscard]] bool take_savepoint(bool suspends);
  /// What it goes on from; null: it began at the beginning.
  [[nodiscard]] const restored_snapshot* resumed_from() const noexcept;
  /// Every instance stops where it is.
  void stop();
  /// A flat wire::JobReport; null if the job has ended or does not answer.
  [[nodiscard]] shared_words inspect();
  /// Puts a question to the instance of `operator_name` that owns `key` (keyed), or to its first instance.
  /// `question` is a flat message of the type `question_type`; the answer comes back as one. Errors name the instance:
  /// not_found: no such operator, no handler for the question, or instance or job have ended; timed_out: no answer within
  /// 2 s, or the instance is between two of its lives; else: what it threw at the question.
  [[nodiscard]] result<shared_words> ask(std::string_view operator_name, std::string_view key,
                                         std::uint64_t question_type, shared_words question);

  /// Keeps a replay capsule of what the instance has met since its last own snapshot; where it is now.
  [[nodiscard]] result<std::string> capture(std::string_view operator_name, std::uint32_t instance);

 private:
  class system;
  explicit running_job(std::unique_ptr<system> running);
  std::unique_ptr<system> system_;
};

}  // namespace weir::supervision

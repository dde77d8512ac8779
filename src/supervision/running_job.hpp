#pragma once
/// A job that runs in this process, on real threads.

#include "supervision/job_outcome.hpp"
#include <weir/dead_letters.hpp>
#include <weir/runtime/graph.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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
  std::chrono::microseconds snapshot_every{0};  ///< 0: none; then every failure ends the job
  std::chrono::microseconds snapshot_timeout{60'000'000};
  std::uint64_t journal_bytes_max = std::uint64_t{256} << 20;
  std::uint64_t state_bytes_max = std::uint64_t{4} << 30;
  std::uint32_t poison_deaths = 3;  ///< 0: a record that every life dies of ends the job
};

/// Owns the job's actors. Thread-safe. Its destructor stops a job that still runs.
class running_job {
 public:
  /// Checks the graph and starts it.
  [[nodiscard]] static result<std::unique_ptr<running_job>> start(std::shared_ptr<const graph> job,
                                                                  run_settings settings);
  ~running_job();

  /// The outcome, once the job has ended; nothing if it still runs after `patience`.
  [[nodiscard]] std::optional<job_outcome> wait_for(std::chrono::milliseconds patience);
  /// Sources end, and the job finishes what is on its way.
  void drain();
  /// Every instance stops where it is.
  void stop();
  /// A flat wire::JobReport; null if the job has ended or does not answer.
  [[nodiscard]] shared_words inspect();
  /// Puts a question to the instance of `operator_name` that owns `key` (keyed), or to its first instance.
  /// `question` is a flat message of the type `question_type`; the answer comes back as one.
  [[nodiscard]] result<shared_words> ask(std::string_view operator_name, std::string_view key,
                                         std::uint64_t question_type, shared_words question);

 private:
  class system;
  explicit running_job(std::unique_ptr<system> running);
  std::unique_ptr<system> system_;
};

}  // namespace weir::supervision

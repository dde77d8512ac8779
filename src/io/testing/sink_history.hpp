#pragma once
/// One random history of the writers of a sink, and what must be visible after each of its calls.

#include <weir/runtime/batch_writer.hpp>
#include <weir/runtime/random.hpp>
#include <weir/testing/sink_kit.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::testing {

/// What tells histories apart.
struct history_choice {
  std::uint64_t seed = 1;
  std::uint32_t death_behind = 0;  ///< that call; 0: nobody dies on purpose
  bool commits = false;
  bool shows_early = false;
};

/// What prepare() returned, and what it stands for.
struct made_output {
  prepared_output what;
  std::uint32_t owner = 0;
  std::vector<std::uint64_t> records;
  bool is_committed = false;
};
using made_output_ptr = std::shared_ptr<made_output>;

/// What mark() returned, and how many records since the last prepare() lie before it.
struct played_mark {
  std::optional<prepared_output> what;
  std::size_t records = 0;
};

/// One instance of the sink, in all its lives within a process.
struct played_instance {
  std::unique_ptr<sink_writer> writer;  ///< null: not opened, in this life
  std::deque<std::uint64_t> lost;       ///< records that an earlier life was given, to be written again
  std::vector<std::uint64_t> written;   ///< since the last prepare()
  played_mark mark;                     ///< behind the last prepare()
  played_mark mark_before;              ///< before it
  std::vector<made_output_ptr>
      outputs;  ///< that count, oldest first; where output is committed, not known to be so
  std::vector<made_output_ptr> in_snapshot;  ///< outputs as of the last prepare()
  std::uint64_t prepared_epoch = 0;
  bool has_lived = false;
  bool commits_first = false;  ///< the process was resumed from a snapshot
  bool is_finished = false;    ///< or abandoned
  bool is_abandoned = false;
};

/// Plays the runtime to a sink's writers. `rows[n]` is how record n looks where it is visible; the last one stands in batches,
/// but is never chosen. Confined to one thread.
class sink_history {
 public:
  sink_history(const detail::sink_under_test& tested, const std::vector<std::string>& rows,
               const history_choice& chosen);

  /// From the first open() to the last finish(). The first fault, with the calls before it, or empty.
  [[nodiscard]] std::string run();
  [[nodiscard]] std::uint32_t calls() const noexcept { return calls_; }

 private:
  struct death {};  ///< thrown behind a call
  struct wrong {};  ///< thrown where fault_ is set

  // --- what the runtime does ---
  void play();
  void act(std::uint32_t number);
  void open(std::uint32_t number);
  void recover(std::uint32_t number);
  void write(std::uint32_t number);
  void flush(std::uint32_t number);
  void prepare(std::uint32_t number);
  void mark(std::uint32_t number);
  void close_epoch(std::uint32_t number);
  void complete_if_prepared();
  void commit(std::uint32_t number, const made_output_ptr& one);
  void commit_due(std::uint32_t number);
  void commit_again(std::uint32_t number);
  void finish();
  void finish_epoch();

  // --- what befalls it ---
  void die();
  void restart_instance(std::uint32_t number);
  void restart_process();
  void stop();

  // --- what is checked ---
  template <class Result>
  void called(std::uint32_t number, const std::string& what, const Result& returned);
  void check_visible();
  void check_leftovers();
  void check_count(std::uint64_t record, std::size_t count, std::size_t expected);
  [[nodiscard]] std::vector<std::vector<std::uint64_t>> visible_groups() const;
  [[noreturn]] void fail(const std::string& what);
  void describe(const std::string& what);

  [[nodiscard]] batch_view batch_of(const std::vector<std::uint64_t>& numbers);
  [[nodiscard]] bool is_all_written() const;
  [[nodiscard]] bool is_all_finished() const;
  [[nodiscard]] bool is_epoch_needed() const;
  [[nodiscard]] static std::string name_of(std::uint32_t number);
  [[nodiscard]] std::uint32_t any_instance();

  const detail::sink_under_test& tested_;
  const std::vector<std::string>& rows_;
  history_choice chosen_;
  random_sequence random_;
  sink_place place_;
  std::shared_ptr<buffer_pool> memory_ = std::make_shared<buffer_pool>();

  std::vector<played_instance> instances_;
  std::deque<std::uint64_t> unread_;               ///< records that nobody was given yet
  std::vector<made_output_ptr> committed_;         ///< in all processes
  std::vector<made_output_ptr> complete_outputs_;  ///< what the last complete snapshot holds
  std::uint64_t epoch_ = 0;
  std::uint64_t complete_epoch_ = 0;
  bool is_closing_ = false;  ///< epoch_ is being prepared
  std::uint32_t last_called_ = 0;
  std::uint32_t calls_ = 0;
  std::uint32_t deaths_left_ = 4;
  std::vector<std::string> told_;
  std::string fault_;
};

}  // namespace weir::testing

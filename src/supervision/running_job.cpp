#include "supervision/running_job.hpp"

#include "actors/messages.hpp"
#include "core/system_clocks.hpp"
#include "supervision/job_supervisor.hpp"
#include <weir/key.hpp>

#include <caf/all.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace weir::supervision {
namespace {

constexpr auto answer_timeout = std::chrono::seconds{2};

class scheduler_config : public caf::actor_system_config {
 public:
  explicit scheduler_config(std::uint32_t threads) {
    const auto cores = std::max(std::thread::hardware_concurrency(), 1U);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", static_cast<std::size_t>(threads == 0 ? cores : threads));
    set("scheduler.max-throughput",
        std::size_t{10});  // turns, each of some batches, before others have theirs
  }
};

std::uint32_t stateful_instances(const graph& job) {
  std::uint32_t instances = 0;
  for (const auto& node : job.nodes) instances += node.keyed ? node.parallelism : 0;
  return instances;
}

/// Where the job's state lives, if it survives failures, and where the job begins.
struct opened_storage {
  std::shared_ptr<job_storage> of_job;
  std::optional<restored_snapshot> goes_on_from;
};

actors::environment_ptr environment_for(const graph& job, const run_settings& settings,
                                        const opened_storage& storage) {
  auto shared = std::make_shared<actors::environment>();
  shared->job = job.name;
  shared->batches = settings.batches;
  shared->window_bytes = settings.window_bytes;
  shared->linger_us = settings.linger.count();
  shared->seed = settings.seed;
  shared->replay_speed = settings.replay_speed;
  shared->stop_at_bad_record = settings.stop_at_bad_record;
  shared->wall_us = system_wall_us;
  shared->steady_us = system_steady_us;
  shared->letters = settings.letters;
  shared->capsules = {settings.capsules, settings.arguments};
  auto& recovering = shared->recovering;
  recovering.takes_snapshots = storage.of_job != nullptr;
  recovering.journal_bytes_max = settings.journal_bytes_max;
  // What journals let go is soon wanted again, and fresh memory costs a page fault per 4 KiB. At the limit they are given up.
  if (recovering.takes_snapshots)
    shared->memory =
        std::make_shared<buffer_pool>(buffer_pool::default_idle_bytes_max + settings.journal_bytes_max);
  recovering.state_bytes_max = settings.state_bytes_max;
  recovering.poison_deaths = settings.poison_deaths;
  recovering.stateful_instances = stateful_instances(job);
  if (storage.of_job == nullptr) return shared;
  recovering.store = storage.of_job->store();
  recovering.commits_output = storage.of_job->is_durable();
  recovering.drops_unknown_state = settings.drops_state;
  if (storage.goes_on_from) recovering.attempt = storage.goes_on_from->snapshot.attempt + 1;
  return shared;
}

/// Brings the storage to where the job begins.
result<opened_storage> open_storage(const graph& job, const run_settings& settings) {
  opened_storage opened;
  if (settings.snapshot_every.count() <= 0 && settings.snapshots.empty()) return opened;
  auto storage =
      open_disk_storage({job.name, settings.snapshots, settings.snapshots_kept, {}, system_wall_us});
  if (!storage.ok()) return std::move(storage).failed();
  opened.of_job = *std::move(storage);
  if (settings.resume.empty()) {
    if (auto begun = opened.of_job->begin(); !begun.ok()) return std::move(begun).failed();
    return opened;
  }
  if (settings.resume == "latest") {
    auto restored = opened.of_job->restore_latest();
    if (!restored.ok()) return std::move(restored).failed();
    opened.goes_on_from = *std::move(restored);
  } else {
    auto restored = opened.of_job->restore_from(settings.resume);
    if (!restored.ok())
      return error{restored.failed().code, "--resume " + settings.resume + ": " + restored.failed().message};
    opened.goes_on_from = *std::move(restored);
  }
  if (!opened.goes_on_from) return opened;
  auto checked =
      check_restore(job, opened.goes_on_from->snapshot, *opened.of_job->store(), settings.drops_state);
  if (!checked.ok()) return std::move(checked).failed();
  return opened;
}

}  // namespace

class running_job::system {
 public:
  system(std::shared_ptr<const graph> job, const run_settings& settings, opened_storage storage)
      : job_{std::move(job)},
        goes_on_from_{std::move(storage.goes_on_from)},
        config_{settings.threads},
        actors_{config_} {
    job_supervisor_settings made;
    made.job = job_;
    made.shared = environment_for(*job_, settings, {storage.of_job, goes_on_from_});
    made.snapshots = {settings.snapshot_every.count(), settings.snapshot_timeout.count()};
    made.storage = std::move(storage.of_job);
    made.goes_on_from = goes_on_from_;
    made.on_done = [this](job_outcome outcome) {
      const std::lock_guard lock{mutex_};
      outcome.misses_savepoint = outcome.misses_savepoint || outcome.savepoints_heard < savepoints_asked_;
      outcome_ = std::move(outcome);
      ended_.notify_all();
    };
    supervisor_ = spawn_job_supervisor(actors_, std::move(made));
  }

  ~system() {
    if (!wait_for(std::chrono::milliseconds{0})) tell(actors::stop_message{});
    std::unique_lock lock{mutex_};
    ended_.wait(lock, [this] { return outcome_.has_value(); });
    lock.unlock();
    supervisor_ = {};
  }

  std::optional<job_outcome> wait_for(std::chrono::milliseconds patience) {
    std::unique_lock lock{mutex_};
    ended_.wait_for(lock, patience, [this] { return outcome_.has_value(); });
    return outcome_;
  }

  template <class Message>
  void tell(Message message) {
    caf::anon_send(supervisor_, std::move(message));
  }

  bool take_savepoint(bool suspends) {
    const std::lock_guard lock{mutex_};
    if (outcome_) return false;
    ++savepoints_asked_;
    tell(actors::savepoint_message{suspends});
    return true;
  }

  [[nodiscard]] const restored_snapshot* resumed_from() const noexcept {
    return goes_on_from_ ? &*goes_on_from_ : nullptr;
  }

  shared_words inspect() {
    shared_words words;
    caf::scoped_actor self{actors_};
    self->request(supervisor_, answer_timeout, actors::inspect_message{})
        .receive([&](const actors::report_message& report) { words = report.words; },
                 [](const caf::error&) {});
    return words;
  }

  result<shared_words> ask(std::string_view operator_name, std::string_view key, std::uint64_t question_type,
                           shared_words question) {
    const auto node = find(operator_name);
    if (!node.ok()) return node.failed();
    const auto parallelism = job_->nodes[*node].parallelism;
    const auto number = job_->nodes[*node].keyed ? owner_of(key_group_of(key_hash(key)), parallelism) : 0;
    const auto name = std::string{operator_name} + "/" + std::to_string(number);
    caf::scoped_actor self{actors_};
    const auto instance = find_instance(self, *node, number, name);
    if (!instance.ok()) return instance.failed();
    result<shared_words> answer{shared_words{}};
    self->request(*instance, answer_timeout,
                  actors::ask_message{question_type, std::string{key}, std::move(question)})
        .receive(
            [&](const actors::answer_message& answered) {
              if (answered.words != nullptr)
                answer = answered.words;
              else
                answer = answered.why;
            },
            [&](const caf::error& why) { answer = unanswered(why, name, died_meanwhile(name)); });
    return answer;
  }

  result<std::string> capture(std::string_view operator_name, std::uint32_t number) {
    const auto node = find(operator_name);
    if (!node.ok()) return node.failed();
    const auto name = std::string{operator_name} + "/" + std::to_string(number);
    if (number >= job_->nodes[*node].parallelism)
      return error{errc::not_found, "there is no instance " + name + ": " + std::string{operator_name} +
                                        " has " + std::to_string(job_->nodes[*node].parallelism)};
    caf::scoped_actor self{actors_};
    const auto instance = find_instance(self, *node, number, name);
    if (!instance.ok()) return instance.failed();
    result<std::string> kept{std::string{}};
    self->request(*instance, answer_timeout, actors::capture_message{})
        .receive(
            [&](const actors::captured_message& captured) {
              if (captured.path.empty())
                kept = captured.why;
              else
                kept = captured.path;
            },
            [&](const caf::error& why) { kept = unanswered(why, name, died_meanwhile(name)); });
    return kept;
  }

 private:
  /// Where the instance `name` lives now.
  result<caf::actor> find_instance(caf::scoped_actor& self, std::uint32_t node, std::uint32_t number,
                                   const std::string& name) {
    result<caf::actor> instance = died_meanwhile(name);
    self->request(supervisor_, answer_timeout, actors::find_message{node, number})
        .receive(
            [&](const actors::life_message& found) {
              if (found.handle) instance = found.handle;
            },
            [&](const caf::error& why) {
              instance =
                  unanswered(why, "the supervisor of job " + job_->name,
                             {errc::not_found, "job " + job_->name + " has ended: nobody answers any more"});
            });
    return instance;
  }

  static error died_meanwhile(const std::string& name) {
    return {errc::timed_out, name + " is between two of its lives: ask again"};
  }

  /// `if_gone` where nobody is there to answer.
  static error unanswered(const caf::error& why, const std::string& who, error if_gone) {
    if (why == caf::sec::request_receiver_down) return if_gone;
    if (why == caf::sec::request_timeout)
      return {errc::timed_out, who + " did not answer within 2 s: ask again"};
    return {errc::behavior_failed, who + " did not answer: " + caf::to_string(why)};
  }

  result<std::uint32_t> find(std::string_view operator_name) const {
    for (std::uint32_t node = 0; node < job_->nodes.size(); ++node)
      if (job_->nodes[node].name == operator_name) return node;
    return error{errc::not_found, "job " + job_->name + " has no operator " + std::string{operator_name}};
  }

  std::shared_ptr<const graph> job_;
  std::optional<restored_snapshot> goes_on_from_;
  scheduler_config config_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<job_outcome> outcome_;
  std::uint32_t savepoints_asked_ = 0;
  caf::actor_system actors_;
  caf::actor supervisor_;
};

running_job::running_job(std::unique_ptr<system> running) : system_{std::move(running)} {}
running_job::~running_job() = default;

result<std::unique_ptr<running_job>> running_job::start(std::shared_ptr<const graph> job,
                                                        const run_settings& settings) {
  if (auto checked = job->check(); !checked.ok()) return std::move(checked).failed();
  auto storage = open_storage(*job, settings);
  if (!storage.ok()) return std::move(storage).failed();
  if (storage->goes_on_from && settings.letters != nullptr)
    if (auto forgot = settings.letters->forget_after(storage->goes_on_from->taken_epoch); !forgot.ok())
      return std::move(forgot).failed();
  return std::unique_ptr<running_job>{
      new running_job{std::make_unique<system>(std::move(job), settings, *std::move(storage))}};
}

std::optional<job_outcome> running_job::wait_for(std::chrono::milliseconds patience) {
  return system_->wait_for(patience);
}
bool running_job::take_savepoint(bool suspends) { return system_->take_savepoint(suspends); }
const restored_snapshot* running_job::resumed_from() const noexcept { return system_->resumed_from(); }
void running_job::drain() { system_->tell(actors::drain_message{}); }
void running_job::stop() { system_->tell(actors::stop_message{}); }
shared_words running_job::inspect() { return system_->inspect(); }
result<shared_words> running_job::ask(std::string_view operator_name, std::string_view key,
                                      std::uint64_t question_type, shared_words question) {
  return system_->ask(operator_name, key, question_type, std::move(question));
}

result<std::string> running_job::capture(std::string_view operator_name, std::uint32_t instance) {
  return system_->capture(operator_name, instance);
}

}  // namespace weir::supervision

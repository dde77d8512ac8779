#include "support/capsule_box.hpp"

#include <sstream>
#include <utility>

namespace weir::tests {

result<std::string> capsule_box::keep(const std::string& stem, std::string_view file) {
  const std::lock_guard lock{mutex_};
  if (files_.size() < files_max) files_.emplace_back(file);
  return stem + "-" + std::to_string(files_.size()) + ".capsule";
}

std::vector<std::string> capsule_box::take() {
  const std::lock_guard lock{mutex_};
  return std::exchange(files_, {});
}

std::string shown_replay(const supervision::replay_outcome& done) {
  std::ostringstream text;
  for (const auto& one : done.last)
    text << one.tick << ' ' << one.is_timer << ' ' << one.what << " key " << one.key << " at "
         << one.event_time_us << '\n';
  text << done.ticks << " ticks, " << done.frames << " frames, failed at " << done.failed_tick << ": "
       << (done.why ? to_string(*done.why) : "nothing") << '\n';
  return text.str();
}

std::string fault_of_replay(const graph& job, const std::string& file) {
  const auto content = capsule_of(file, "a capsule");
  if (!content.ok()) return to_string(content.failed());
  if (file_of(*content) != file) return "its content does not make the same file again";
  const auto once = supervision::replay(job, *content, {.ticks_shown = 1'000'000});
  if (!once.ok()) return to_string(once.failed());
  const auto again = supervision::replay(job, *content, {.ticks_shown = 1'000'000});
  const auto shown = shown_replay(*once);
  if (shown != shown_replay(*again)) return "two replays differ: " + shown + shown_replay(*again);
  const auto what = content->instance_name() + " died of " + to_string(content->why) + " at tick " +
                    std::to_string(content->tick) + " of " + std::to_string(content->reached.ticks) +
                    "; replayed: " + shown;
  const auto is_simulated_crash = content->why.message.starts_with("crash ");
  if (!is_simulated_crash) return once->is_reproduced ? std::string{} : what;
  return !once->why && once->ticks == content->reached.ticks ? std::string{} : what;
}

}  // namespace weir::tests

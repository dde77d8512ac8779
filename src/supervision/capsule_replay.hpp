#pragma once
/// One operator instance alone, in the calling thread, from a replay capsule: the same records, timers, clock and chance.

#include "operators/capsule.hpp"
#include <weir/dead_letters.hpp>
#include <weir/error.hpp>
#include <weir/runtime/graph.hpp>
#include <weir/time.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::supervision {

struct replay_settings {
  std::uint64_t ticks_shown = 20;  ///< before the last one
  std::function<void()>
      before_last{};  ///< called right before the handler that failed is, or before its surroundings
  std::shared_ptr<dead_letters> letters;  ///< null: what behaviors reject is dropped
};

/// A record or timer that was handled.
struct replayed_tick {
  std::uint64_t tick = 0;
  bool is_timer = false;
  std::string what{};  ///< `record 3 of 20: Flight (...)`, `timer 'calm' of key 'ORD', due ...`
  std::string key{};   ///< for a person; empty: it has none
  std::int64_t event_time_us = time_min_us;
};

struct replay_outcome {
  std::vector<replayed_tick> last{};  ///< the last ticks in their order
  std::uint64_t ticks = 0;
  std::uint64_t frames = 0;
  std::optional<error> why{};     ///< what ended it; nothing: it came to the end of what the capsule holds
  std::uint64_t failed_tick = 0;  ///< 0: no handler of a record or timer failed
  bool is_reproduced = false;     ///< it ended as the capsule says
};

/// Executes what the capsule holds with the behavior of `job`, whose parallelism is set as the capsule says. Emissions are
/// dropped. An error: the capsule is damaged, or of another job, or the job has changed too much since.
[[nodiscard]] result<replay_outcome> replay(const graph& job, const capsule& from,
                                            const replay_settings& settings);

}  // namespace weir::supervision

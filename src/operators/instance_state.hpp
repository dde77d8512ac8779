#pragma once
/// The states of an operator instance's life.

#include <cstdint>
#include <string_view>

namespace weir {

///   created -> opening -> running <-> starved | blocked | waiting -> ended
///                                  any of them -> failed | stopped
enum class instance_state : std::uint8_t {
  created,  ///< the actor exists; it has no channels yet
  opening,  ///< the behavior, reader or writer is being opened
  running,  ///< input is there and is being consumed
  starved,  ///< no input is there
  blocked,  ///< input is there, but an output has no credit
  waiting,  ///< a source has nothing now and will look again
  ended,    ///< every input has ended, everything is emitted, the output is final
  stopped,  ///< told to stop before the end
  failed,   ///< an exception or an error ended it
};

[[nodiscard]] constexpr std::string_view name_of(instance_state state) noexcept {
  switch (state) {
    case instance_state::created: return "created";
    case instance_state::opening: return "opening";
    case instance_state::running: return "running";
    case instance_state::starved: return "starved";
    case instance_state::blocked: return "blocked";
    case instance_state::waiting: return "waiting";
    case instance_state::ended: return "ended";
    case instance_state::stopped: return "stopped";
    case instance_state::failed: return "failed";
  }
  return "unknown";
}

}  // namespace weir

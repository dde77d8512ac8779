#pragma once
/// An instance's channels: which numbers they have here, and who is at the other end.

#include "operators/output_ports.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace weir::actors {

/// The other end of a channel.
struct peer {
  caf::actor handle;
  std::uint32_t channel = 0;  ///< its number there
  std::string name;           ///< `storms/3`
};

/// Made by the job supervisor once all actors of the job exist.
struct wiring {
  std::vector<std::uint32_t> inputs;     ///< by input channel: the behavior's input that it leads to
  std::vector<peer> senders;             ///< by input channel
  std::uint64_t input_window_bytes = 0;  ///< of each input channel
  std::vector<output_edge> edges;
  std::vector<peer> receivers;  ///< by output channel
};

}  // namespace weir::actors

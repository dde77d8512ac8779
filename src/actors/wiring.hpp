#pragma once
/// An instance's channels: which numbers they have here, and who is at the other end.

#include "actors/inbox.hpp"
#include "operators/output_ports.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::actors {

/// The other end of a channel.
struct peer {
  std::shared_ptr<inbox> to;
  std::uint32_t channel = 0;  ///< its number there
  std::string name;           ///< `storms/3`
};

/// Made by the job supervisor for every cell of the job, before any of its instances lives.
struct wiring {
  std::vector<std::uint32_t> inputs;     ///< by input channel: the behavior's input that it leads to
  std::vector<bool> timeless;            ///< by input channel: its sender says nothing of time
  std::vector<peer> senders;             ///< by input channel
  std::uint64_t input_window_bytes = 0;  ///< of each input channel
  std::vector<output_edge> edges;
  std::vector<peer> receivers;  ///< by output channel
};

}  // namespace weir::actors

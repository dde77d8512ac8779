#pragma once
/// What an instance says of itself at a barrier: with its rows in the state store, all that its next life needs.

#include "operators/source_marks.hpp"
#include "operators/watermark_merge.hpp"
#include <weir/runtime/behavior_host.hpp>
#include <weir/sink.hpp>

#include <cstdint>
#include <vector>

namespace weir {

/// The state of one instance at the end of an epoch. Epoch 0 is the beginning: nothing has happened.
struct instance_snapshot {
  std::uint32_t node = 0;
  std::uint32_t instance = 0;
  std::uint64_t epoch = 0;
  bool has_begun = false;  ///< its behavior has been opened
  bool has_ended = false;  ///< everything was consumed and emitted before the barrier
  host_marks host{};
  std::vector<channel_marks> channels{};  ///< by input channel
  source_marks source{};
  std::vector<prepared_output> outputs{};  ///< a sink's, not known to be committed
  std::uint64_t changed_rows = 0;
  std::uint64_t state_bytes = 0;  ///< in memory
  std::uint64_t keys = 0;         ///< in memory
};

}  // namespace weir

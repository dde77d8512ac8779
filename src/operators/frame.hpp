#pragma once
/// What travels on a channel inside a process.

#include <weir/batch.hpp>
#include <weir/time.hpp>

#include <cstdint>

namespace weir {

/// The legal order on a channel: (batch | watermark | idle | barrier)* end. See schemas/frame.capnp.
enum class frame_kind : std::uint8_t {
  batch,      ///< records, and the watermark that holds behind them
  watermark,  ///< only a watermark
  idle,       ///< the channel holds no watermark back until its next frame
  end,        ///< nothing follows
  barrier,    ///< closes an epoch
};

/// A frame costs two reference counts to copy; its batch is shared with the other targets of the same output.
struct frame {
  frame_kind kind{};
  std::uint32_t channel = 0;   ///< the consumer's number for the channel
  std::uint64_t sequence = 0;  ///< on the channel, from 0, without gaps
  std::int64_t watermark_us = time_min_us;
  batch_view records;
  std::uint64_t epoch = 0;  ///< barrier: the epoch that it closes

  /// What it costs in credit. Frames without records cost a little, so that they cannot pile up either.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return kind == frame_kind::batch ? records.bytes() : 64;
  }
};

}  // namespace weir

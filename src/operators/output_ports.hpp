#pragma once
/// Where an instance's output leaves: ports, edges, channels with credit.

#include "operators/frame.hpp"
#include <weir/runtime/behavior_host.hpp>
#include <weir/runtime/graph.hpp>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace weir {

/// The one seam through which a frame leaves an instance. Channels are the sender's numbers.
class frame_sender {
 public:
  virtual ~frame_sender() = default;
  virtual void send(std::uint32_t channel, frame leaving) = 0;
};

/// One edge as one of its sending instances sees it.
struct output_edge {
  std::uint32_t port = 0;
  routing how{};
  key_hasher hash;
  std::vector<std::uint32_t> targets;  ///< the consumer's channel numbers, by target instance
  std::uint64_t window_bytes = 0;      ///< initial credit of each channel
};

/// What `inspect` shows of an outgoing channel.
struct output_counters {
  std::uint64_t frames = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::int64_t credit_bytes = 0;
  std::uint64_t window_bytes = 0;
  std::uint64_t waiting_frames = 0;
};

/// Routes what a behavior emits and keeps to the credit of every channel: a frame leaves while the channel has credit
/// left (and may overdraw it once), and waits here otherwise. Channels are numbered over all edges in their order.
/// Invariant: what waits is what one handler call and one flush produced, since a congested instance consumes nothing.
/// Outlives the incarnation that emits: the records delivered since the last cut are counted, and the next incarnation,
/// which emits the same ones again, has as many dropped.
/// Confined to the owning actor.
class output_ports final : public emission_target {
 public:
  output_ports(std::uint32_t ports, std::vector<output_edge> edges, frame_sender& sender);

  void deliver(std::uint32_t port, batch_view records) override;
  [[nodiscard]] bool is_unused(std::uint32_t port) const override { return unused_[port]; }

  /// The watermark that the next frames carry. Never goes back.
  void set_watermark(std::int64_t watermark_us) noexcept;
  /// Tells every channel that has not heard it the watermark, and whether it holds others back any longer.
  /// Precondition: no record emitted before is still unsent.
  void send_progress(bool is_idle);
  /// True: every channel has heard that.
  [[nodiscard]] bool has_told(std::int64_t watermark_us, bool is_idle) const noexcept;
  /// Every channel hears that the epoch is closed. Precondition: as send_progress().
  void send_barrier(std::uint64_t epoch);
  /// Once; a second call does nothing.
  void send_end();

  /// What was delivered so far is not to be emitted again: a snapshot holds what follows from.
  void cut();
  /// The same of as many records per port, the first ones delivered since the last cut.
  void cut(const std::vector<std::uint64_t>& records);
  /// Everything since the last cut is going to be emitted again.
  void rewind();
  /// Records delivered since the last cut, by port; while they are emitted again, those so far.
  [[nodiscard]] const std::vector<std::uint64_t>& delivered() const noexcept { return delivered_; }
  /// Records that are still to be dropped, by port: an earlier life has sent them.
  [[nodiscard]] const std::vector<std::uint64_t>& suppressed() const noexcept { return suppressed_; }

  /// The consumer has given credit back.
  void grant(std::uint32_t channel, std::uint64_t bytes);

  [[nodiscard]] std::uint32_t channels() const noexcept {
    return static_cast<std::uint32_t>(channels_.size());
  }
  [[nodiscard]] output_counters counters(std::uint32_t channel) const noexcept;
  [[nodiscard]] std::uint64_t batches() const noexcept { return batches_; }
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  /// The first channel without credit, or channels() if there is none: where backpressure comes from.
  [[nodiscard]] std::uint32_t congested_channel() const noexcept;

 private:
  struct lane {
    std::uint32_t number_there = 0;
    std::uint64_t next_sequence = 0;
    std::int64_t credit_bytes = 0;
    std::int64_t watermark_us = time_min_us;  ///< last told
    bool told_idle = false;
    std::deque<frame> waiting;
    output_counters counters;
  };

  void route(std::size_t edge_number, const batch_view& records);
  void route_keyed(std::size_t edge_number, const batch_view& records);
  void send(std::uint32_t channel, frame leaving);
  void put(std::uint32_t channel, frame leaving);
  [[nodiscard]] static batch_view without_first(std::uint32_t dropped, const batch_view& records);

  std::vector<output_edge> edges_;
  std::vector<std::uint32_t> first_channels_;  ///< by edge
  std::vector<std::uint32_t> next_targets_;    ///< by edge, for rebalance
  std::vector<lane> channels_;
  std::vector<bool> unused_;
  std::vector<std::uint64_t> delivered_;   ///< by port, since the last cut
  std::vector<std::uint64_t> suppressed_;  ///< by port: how many more are dropped
  bool end_sent_ = false;
  frame_sender& sender_;
  std::int64_t watermark_us_ = time_min_us;
  std::uint32_t waiting_channels_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
  std::vector<std::vector<std::uint64_t>> hashes_;  ///< scratch, by edge
};

}  // namespace weir

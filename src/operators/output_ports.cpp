#include "operators/output_ports.hpp"

#include <weir/assert.hpp>
#include <weir/key.hpp>

#include <algorithm>
#include <utility>

namespace weir {

output_ports::output_ports(std::uint32_t ports, std::vector<output_edge> edges, frame_sender& sender)
    : edges_{std::move(edges)},
      next_targets_(edges_.size(), 0),
      unused_(ports, true),
      delivered_(ports, 0),
      suppressed_(ports, 0),
      sender_{sender},
      hashes_(edges_.size()) {
  for (const auto& edge : edges_) {
    unused_[edge.port] = false;
    first_channels_.push_back(channels());
    for (const auto number : edge.targets) {
      lane made;
      made.number_there = number;
      made.credit_bytes = static_cast<std::int64_t>(edge.window_bytes);
      made.counters.window_bytes = edge.window_bytes;
      channels_.push_back(std::move(made));
    }
  }
}

void output_ports::deliver(std::uint32_t port, batch_view records) {
  const auto size = records.size();
  if (suppressed_[port] > 0) [[unlikely]] {
    const auto dropped = static_cast<std::uint32_t>(std::min<std::uint64_t>(suppressed_[port], size));
    if (dropped < size) records = without_first(dropped, records);
    suppressed_[port] -= dropped;
    delivered_[port] += dropped;
    if (dropped == size) return;
  }
  // an author's key function may throw: nothing may have left by then
  for (std::size_t e = 0; e < edges_.size(); ++e)
    if (edges_[e].port == port && edges_[e].how == routing::keyed) edges_[e].hash(records, hashes_[e]);
  delivered_[port] += records.size();
  ++batches_;
  records_ += records.size();
  bytes_ += records.bytes();
  for (std::size_t e = 0; e < edges_.size(); ++e)
    if (edges_[e].port == port) route(e, records);
}

batch_view output_ports::without_first(std::uint32_t dropped, const batch_view& records) {
  auto kept = make_counted<selection>();
  for (auto position = dropped; position < records.size(); ++position)
    kept->indices.push_back(records.index(position));
  return records.with_selection(selection_ptr{kept});
}

void output_ports::cut() {
  WEIR_ASSERT(std::all_of(suppressed_.begin(), suppressed_.end(), [](auto left) { return left == 0; }),
              "what was sent is emitted again before anything new");
  std::fill(delivered_.begin(), delivered_.end(), 0);
}

void output_ports::cut(const std::vector<std::uint64_t>& records) {
  for (std::size_t port = 0; port < records.size(); ++port) delivered_[port] -= records[port];
}

void output_ports::rewind() {
  // an incarnation that died during its replay has emitted less again than was delivered
  for (std::size_t port = 0; port < delivered_.size(); ++port)
    suppressed_[port] += std::exchange(delivered_[port], 0);
}

void output_ports::route(std::size_t edge_number, const batch_view& records) {
  const auto& edge = edges_[edge_number];
  const auto first_channel = first_channels_[edge_number];
  const auto targets = static_cast<std::uint32_t>(edge.targets.size());
  const auto batch_to = [&](std::uint32_t target) {
    send(first_channel + target, {frame_kind::batch, 0, 0, watermark_us_, records});
  };
  switch (edge.how) {
    case routing::keyed: return route_keyed(edge_number, records);
    case routing::forward: return batch_to(0);
    case routing::broadcast:
      for (std::uint32_t target = 0; target < targets; ++target) batch_to(target);
      return;
    case routing::rebalance: {
      auto& next = next_targets_[edge_number];
      batch_to(next);
      next = (next + 1) % targets;
      return;
    }
  }
}

void output_ports::route_keyed(std::size_t edge_number, const batch_view& records) {
  const auto first_channel = first_channels_[edge_number];
  const auto targets = static_cast<std::uint32_t>(edges_[edge_number].targets.size());
  const auto& hashes = hashes_[edge_number];
  const auto count = records.size();
  std::vector<counted_ptr<selection>> chosen(targets);
  for (auto& one : chosen) {
    one = make_counted<selection>();
    const auto share = count / targets + count / (4 * targets) + 8;
    one->indices.reserve(share);
    one->hashes.reserve(share);
  }
  for (std::uint32_t position = 0; position < count; ++position) {
    const auto hash = hashes[position];
    auto& target = *chosen[owner_of(key_group_of(hash), targets)];
    target.indices.push_back(records.index(position));
    target.hashes.push_back(hash);
  }
  for (std::uint32_t target = 0; target < targets; ++target) {
    if (!chosen[target]->indices.empty())
      send(first_channel + target,
           {frame_kind::batch, 0, 0, watermark_us_, records.with_selection(selection_ptr{chosen[target]})});
    else if (channels_[first_channel + target].watermark_us < watermark_us_)
      send(first_channel + target, {frame_kind::watermark, 0, 0, watermark_us_, {}});
  }
}

void output_ports::set_watermark(std::int64_t watermark_us) noexcept {
  watermark_us_ = std::max(watermark_us_, watermark_us);
}

void output_ports::send_progress(bool is_idle) {
  if (end_sent_) return;  // by an earlier life
  for (std::uint32_t c = 0; c < channels(); ++c) {
    const auto& to = channels_[c];
    // also an unchanged watermark says that an idle channel holds back again
    if (to.watermark_us < watermark_us_ || (to.told_idle && !is_idle))
      send(c, {frame_kind::watermark, 0, 0, watermark_us_, {}});
    if (is_idle && !to.told_idle) send(c, {frame_kind::idle, 0, 0, watermark_us_, {}});
  }
}

bool output_ports::has_told(std::int64_t watermark_us, bool is_idle) const noexcept {
  return end_sent_ || std::all_of(channels_.begin(), channels_.end(), [&](const auto& channel) {
           return channel.watermark_us >= watermark_us && channel.told_idle == is_idle;
         });
}

void output_ports::send_barrier(std::uint64_t epoch) {
  for (std::uint32_t c = 0; c < channels(); ++c) {
    frame barrier{frame_kind::barrier, 0, 0, watermark_us_, {}};
    barrier.epoch = epoch;
    send(c, std::move(barrier));
  }
}

void output_ports::send_end() {
  if (std::exchange(end_sent_, true)) return;
  for (std::uint32_t c = 0; c < channels(); ++c) send(c, {frame_kind::end, 0, 0, time_max_us, {}});
}

void output_ports::send(std::uint32_t channel_number, frame leaving) {
  auto& to = channels_[channel_number];
  if (leaving.kind != frame_kind::barrier) {
    to.told_idle = leaving.kind == frame_kind::idle;
    if (leaving.kind != frame_kind::idle) to.watermark_us = leaving.watermark_us;
  }
  leaving.channel = to.number_there;
  leaving.sequence = to.next_sequence++;
  if (to.credit_bytes > 0 && to.waiting.empty()) return put(channel_number, std::move(leaving));
  if (to.waiting.empty()) ++waiting_channels_;
  to.waiting.push_back(std::move(leaving));
  set_congested(true);
}

void output_ports::put(std::uint32_t channel_number, frame leaving) {
  auto& to = channels_[channel_number];
  const auto bytes = leaving.bytes();
  to.credit_bytes -= static_cast<std::int64_t>(bytes);
  ++to.counters.frames;
  to.counters.bytes += bytes;
  if (leaving.kind == frame_kind::batch) to.counters.records += leaving.records.size();
  sender_.send(channel_number, std::move(leaving));
}

void output_ports::grant(std::uint32_t channel_number, std::uint64_t bytes) {
  WEIR_ASSERT(channel_number < channels_.size(), "credit names a channel");
  auto& to = channels_[channel_number];
  to.credit_bytes += static_cast<std::int64_t>(bytes);
  if (to.waiting.empty()) return;
  while (!to.waiting.empty() && to.credit_bytes > 0) {
    auto leaving = std::move(to.waiting.front());
    to.waiting.pop_front();
    put(channel_number, std::move(leaving));
  }
  if (to.waiting.empty()) --waiting_channels_;
  set_congested(waiting_channels_ > 0);
}

output_counters output_ports::counters(std::uint32_t channel_number) const noexcept {
  auto shown = channels_[channel_number].counters;
  shown.credit_bytes = channels_[channel_number].credit_bytes;
  shown.waiting_frames = channels_[channel_number].waiting.size();
  return shown;
}

std::uint32_t output_ports::congested_channel() const noexcept {
  std::uint32_t c = 0;
  while (c < channels() && channels_[c].waiting.empty()) ++c;
  return c;
}

}  // namespace weir

#include "actors/instance_cell.hpp"

#include <algorithm>
#include <utility>

namespace weir::actors {
namespace {

watermark_merge merge_of(const std::vector<channel_marks>& channels) {
  watermark_merge merge{static_cast<std::uint32_t>(channels.size())};
  for (std::uint32_t c = 0; c < channels.size(); ++c) {
    merge.advance(c, channels[c].watermark_us);
    if (channels[c].is_idle) merge.set_idle(c);
  }
  return merge;
}

}  // namespace

instance_cell::instance_cell(std::shared_ptr<const graph> job, instance_identity who,
                             environment_ptr to_share)
    : identity{std::move(who)},
      shared{std::move(to_share)},
      intensity{job->nodes[identity.node].restart},
      job_{std::move(job)},
      name_{identity.name()},
      keeps_journal_{shared->recovering.takes_snapshots} {
  snapshot.node = identity.node;
  snapshot.instance = identity.number;
  if (node().kind != node_kind::transform) return;
  state = std::make_shared<keyed_state>();
  if (!shared->recovering.store) return;
  state->attach(shared->recovering.store, {.operator_name = identity.operator_name,
                                           .instance = identity.number,
                                           .parallelism = identity.parallelism,
                                           .keyed = node().keyed,
                                           .drops_unknown_cells = shared->recovering.drops_unknown_state});
}

void instance_cell::connect(wiring channels) {
  channels_ = std::move(channels);
  gate = std::make_unique<input_gate>(channels_.inputs, channels_.input_window_bytes);
  gate->keep_log(keeps_journal_);
  ports = std::make_unique<output_ports>(static_cast<std::uint32_t>(node().outputs.size()), channels_.edges,
                                         static_cast<frame_sender&>(*this));
}

void instance_cell::resume_from(instance_snapshot from, std::vector<std::string> of_source) {
  snapshot = std::move(from);
  snapshot.node = identity.node;
  snapshot.instance = identity.number;
  bookmarks = std::move(of_source);
  if (snapshot.channels.size() == gate->channels()) gate->restore_watermarks(merge_of(snapshot.channels));
}

result<void> instance_cell::rewind(const journal_point& reached) {
  gate->rewind();
  if (node().kind == node_kind::source)
    ports->cut();  // its bookmark is behind all that it has sent
  else
    ports->rewind();
  log.rewind(reached);
  is_first_life = false;
  ++identity.incarnation;
  if (!state) return {};
  state->deselect();
  return state->revert();
}

void instance_cell::cut(instance_snapshot taken) {
  snapshot = std::move(taken);
  output_epoch = snapshot.epoch;
  gate->keep_log(true);
  gate->cut_log();
  if (state) state->keep_marks(true);
  ports->cut();
  log.cut();
  at_one_tick = {};
  capsule = {};
  sink_written = 0;
  keeps_journal_ = true;
}

void instance_cell::give_up_journal() {
  gate->keep_log(false);
  gate->cut_log();
  if (state) state->keep_marks(false);
  log.cut();
  keeps_journal_ = false;
}

std::uint64_t instance_cell::journal_bytes() const noexcept {
  return gate->log_bytes() + log.bytes() + (state ? state->mark_bytes() : 0);
}

std::uint64_t instance_cell::account_journal() {
  auto& total = *shared->recovering.journal_bytes;
  const auto now = journal_bytes();
  if (now == accounted_bytes_) return total.load(std::memory_order_relaxed);
  const auto change = now - std::exchange(accounted_bytes_, now);  // wraps where it became less
  return total.fetch_add(change, std::memory_order_relaxed) + change;
}

void instance_cell::send(std::uint32_t channel, frame leaving) {
  const auto& receiver = channels_.receivers[channel];
  const auto& alter = shared->seams.on_send;
  if (!alter) return receiver.to->push(std::move(leaving));
  for (auto& altered : alter({name_, receiver.name, receiver.channel}, std::move(leaving)))
    receiver.to->push(std::move(altered));
}

}  // namespace weir::actors

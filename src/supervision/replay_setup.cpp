#include "supervision/replay_setup.hpp"

#include "operators/batch_image.hpp"
#include "state/state_store.hpp"
#include "supervision/wire_up.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::supervision {
namespace {

/// Credit without end: nobody gives any back.
constexpr std::uint64_t endless_window_bytes = std::uint64_t{1} << 60U;

error foreign(std::string why) {
  return {errc::invalid_argument,
          "the capsule does not fit this job: " + std::move(why) + "; replay it with the job that wrote it"};
}

error impossible(const std::string& why) {
  return {errc::corrupt_input, "the capsule cannot be: " + why + "; take another one"};
}

result<void> set_parallelism(graph& job, const capsule& from) {
  if (job.name != from.job) return foreign("it is of job '" + from.job + "', this is '" + job.name + "'");
  if (job.nodes.size() != from.operators.size())
    return foreign("its job has " + std::to_string(from.operators.size()) + " operators, this one has " +
                   std::to_string(job.nodes.size()));
  for (auto& node : job.nodes) {
    const auto known = std::find_if(from.operators.begin(), from.operators.end(),
                                    [&](const auto& one) { return one.first == node.name; });
    if (known == from.operators.end()) return foreign("its job has no operator '" + node.name + "'");
    node.parallelism = known->second;
  }
  return job.check();
}

result<std::uint32_t> find_instance(const graph& job, const capsule& from) {
  for (std::uint32_t node = 0; node < job.nodes.size(); ++node) {
    const auto& one = job.nodes[node];
    if (one.name != from.operator_name) continue;
    if (one.kind != node_kind::transform) return foreign("'" + one.name + "' is a source or a sink here");
    if (from.instance < one.parallelism) return node;
    return impossible("it is of instance " + from.instance_name() + " of " + std::to_string(one.parallelism));
  }
  return foreign("there is no operator '" + from.operator_name + "'");
}

actors::environment_ptr environment_for(const capsule& from, std::shared_ptr<dead_letters> letters) {
  auto shared = std::make_shared<actors::environment>();
  shared->job = from.job;
  shared->batches = from.batches;
  shared->window_bytes = endless_window_bytes;
  shared->seed = from.seed;
  shared->threads_for_blocking = false;
  shared->wall_us = [now_us = from.captured_us] { return now_us; };
  shared->steady_us = [] { return std::int64_t{1}; };
  shared->letters = std::move(letters);
  shared->recovering.takes_snapshots = true;
  shared->recovering.store = state::make_memory_store();
  auto rows = std::make_shared<state::row_run>();
  for (const auto& [key, value] : from.rows) {
    const auto at = rows->bytes().size();
    rows->bytes().append(key).append(value);
    rows->end_row(at, key.size());
  }
  shared->recovering.store->hand_over(std::move(rows), from.snapshot.epoch);
  shared->seams.on_send = [](const actors::channel_ends&, frame) { return std::vector<frame>{}; };
  return shared;
}

result<void> check_channels(const actors::instance_cell& cell, const capsule& from) {
  const auto& wired = cell.channels();
  if (wired.inputs.size() != from.channels.size())
    return foreign("its instance had " + std::to_string(from.channels.size()) +
                   " input channels, here it has " + std::to_string(wired.inputs.size()));
  for (std::size_t c = 0; c < from.channels.size(); ++c) {
    const auto& was = from.channels[c];
    const auto& sender = wired.senders[c].name;
    if (was.sender != sender || was.input != wired.inputs[c])
      return foreign("channel " + std::to_string(c) + " came from " + was.sender + ", here it comes from " +
                     sender);
    const auto& type = cell.node().inputs[was.input];
    if (was.record_type != type.id() || was.schema != schema_checksum(type))
      return foreign("the records from " + sender + " had another schema than " + std::string{type.name()} +
                     " has here");
  }
  return {};
}

void restore_watermarks(actors::instance_cell& cell, const capsule& from) {
  watermark_merge merge{static_cast<std::uint32_t>(from.channels.size())};
  for (std::uint32_t c = 0; c < from.channels.size(); ++c) {
    const auto& marks = from.channels[c].marks;
    merge.advance(c, marks.watermark_us);
    if (marks.is_idle) merge.set_idle(c);
    if (marks.has_ended) merge.set_ended(c);
  }
  cell.gate->restore_watermarks(merge);
}

/// What the instance consumed, with numbers of its own.
class frame_feed {
 public:
  frame_feed(actors::instance_cell& cell, const capsule& from)
      : cell_{cell}, from_{from}, sent_(from.channels.size()), ended_(from.channels.size()) {}

  result<void> push_all() {
    for (const auto& one : from_.frames) {
      const auto pushed = one.kind == frame_kind::barrier ? push_barrier(one) : push(one);
      if (!pushed.ok()) return impossible(pushed.failed().message);
    }
    return {};
  }

 private:
  result<void> push(const capsule_frame& one) {
    frame made{one.kind, one.channel, sent_[one.channel]++, one.watermark_us, {}};
    if (one.kind == frame_kind::end) ended_[one.channel] = true;
    if (one.kind == frame_kind::batch) {
      const auto& type = cell_.node().inputs[cell_.gate->input_of(one.channel)];
      auto records = view_of_image(one.image, type, cell_.shared->memory);
      if (!records.ok()) return std::move(records).failed();
      made.records = records->with_watermark_limit(one.watermark_max_us);
    }
    return cell_.gate->push(std::move(made));
  }

  /// The instance saw one, once all channels had brought theirs.
  result<void> push_barrier(const capsule_frame& one) {
    if (&one != &from_.frames.back())
      return error{errc::corrupt_input, "a barrier is in the midst of a journal"};
    for (std::uint32_t c = 0; c < ended_.size(); ++c) {
      if (ended_[c]) continue;
      frame made{frame_kind::barrier, c, sent_[c]++, one.watermark_us, {}};
      made.epoch = one.epoch;
      if (auto pushed = cell_.gate->push(std::move(made)); !pushed.ok()) return pushed;
    }
    return {};
  }

  actors::instance_cell& cell_;
  const capsule& from_;
  std::vector<std::uint64_t> sent_;
  std::vector<bool> ended_;
};

void fill_journal(journal& to, const capsule& from) {
  for (const auto& one : from.poisoned) to.skip(one);
  for (const auto& one : from.events) to.add(one);
  for (const auto reading : from.readings) (void)to.reading([&] { return reading; }, 0);
  to.rewind(from.reached);
}

}  // namespace

result<std::shared_ptr<actors::instance_cell>> make_replay_cell(const graph& job, const capsule& from,
                                                                std::shared_ptr<dead_letters> letters) {
  auto plan = std::make_shared<graph>(job);
  if (auto set = set_parallelism(*plan, from); !set.ok()) return std::move(set).failed();
  const auto node = find_instance(*plan, from);
  if (!node.ok()) return node.failed();
  const auto cells = make_cells(plan, environment_for(from, std::move(letters)));
  auto cell = cells[*node][from.instance];
  if (auto checked = check_channels(*cell, from); !checked.ok()) return std::move(checked).failed();
  cell->identity.incarnation = from.incarnation;
  cell->resume_from(from.snapshot, {});
  restore_watermarks(*cell, from);
  if (auto fed = frame_feed{*cell, from}.push_all(); !fed.ok()) return std::move(fed).failed();
  fill_journal(cell->log, from);
  return cell;
}

}  // namespace weir::supervision

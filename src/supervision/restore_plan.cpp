#include "supervision/restore_plan.hpp"

#include "core/log.hpp"
#include "state/stores/dropped_rows.hpp"

#include <algorithm>
#include <utility>

namespace weir::supervision {
namespace {

std::string kind_text(node_kind kind, bool keyed, const std::string& key_type) {
  switch (kind) {
    case node_kind::source: return "a source";
    case node_kind::sink: return "a sink";
    case node_kind::transform: break;
  }
  return keyed ? "keyed by " + key_type : "not keyed";
}

error another_kind(const graph_node& node, const operator_snapshot& was) {
  return {errc::unsupported, "operator '" + node.name + "' was " +
                                 kind_text(was.kind, was.keyed, was.key_type) + " in the snapshot and is " +
                                 kind_text(node.kind, node.keyed, node.key_type) +
                                 " now; give it another name, or resume with the earlier job"};
}

/// The earlier instances that instance `number` of `parallelism` takes over.
std::vector<const instance_snapshot*> share_of(const operator_snapshot& was, std::uint32_t number,
                                               std::uint32_t parallelism) {
  std::vector<const instance_snapshot*> share;
  for (std::size_t i = number; i < was.instances.size(); i += parallelism) share.push_back(&was.instances[i]);
  return share;
}

/// Nothing that any of them still had to wait for has passed.
host_marks least_marks(const operator_snapshot& was) {
  auto least = was.instances.front().host;
  for (const auto& one : was.instances) {
    least.watermark_us = std::min(least.watermark_us, one.host.watermark_us);
    least.visible_watermark_us = std::min(least.visible_watermark_us, one.host.visible_watermark_us);
    least.output_watermark_us = std::min(least.output_watermark_us, one.host.output_watermark_us);
    least.event_time_us = std::min(least.event_time_us, one.host.event_time_us);
  }
  return least;
}

/// An instance of an operator that had another number of them.
instance_snapshot rescaled(const operator_snapshot& was, std::uint32_t number, std::uint32_t parallelism) {
  instance_snapshot made;
  made.has_ended =
      std::all_of(was.instances.begin(), was.instances.end(), [](const auto& one) { return one.has_ended; });
  const auto share = share_of(was, number, parallelism);
  made.has_begun = made.has_ended || (!share.empty() && share.front()->has_begun);
  made.host = least_marks(was);
  if (!share.empty()) made.host.random = share.front()->host.random;
  part_marks least{.watermark_us = time_max_us};
  for (const auto& one : was.instances)
    least.watermark_us = std::min(least.watermark_us, one.source.least_watermark_us());
  made.source.parts.push_back(std::move(least));
  for (const auto* one : share) {
    made.source.records += one->source.records;
    made.outputs.insert(made.outputs.end(), one->outputs.begin(), one->outputs.end());
  }
  std::stable_sort(made.outputs.begin(), made.outputs.end(),
                   [](const auto& a, const auto& b) { return a.epoch < b.epoch; });
  return made;
}

/// The named parts of all instances but one. Their readers have the bookmarks anyway.
std::vector<part_marks> parts_elsewhere(const operator_snapshot& was, const instance_snapshot* but) {
  std::vector<part_marks> parts;
  for (const auto& one : was.instances) {
    if (&one == but) continue;
    for (const auto& part : one.source.parts) {
      if (part.name.empty()) continue;
      parts.push_back(part);
      parts.back().bookmark.reset();
    }
  }
  return parts;
}

/// An instance of a source that goes on may have got a part of another one: it looks, and comes to its end again. Not one that
/// cannot be read from where it was.
bool stays_ended(const operator_snapshot& was, const instance_snapshot& one) {
  const auto& parts = one.source.parts;
  const auto all_ended = std::all_of(was.instances.begin(), was.instances.end(),
                                     [](const auto& other) { return other.has_ended; });
  return one.has_ended && (was.kind != node_kind::source || all_ended ||
                           !std::all_of(parts.begin(), parts.end(),
                                        [](const auto& part) { return part.bookmark.has_value(); }));
}

/// A part of a batch is behind a bookmark.
bool has_sent_ahead(const source_marks& marks) {
  return std::any_of(marks.parts.begin(), marks.parts.end(),
                     [](const auto& part) { return part.skipped > 0; });
}

result<std::vector<cell_start>> starts_of(const graph_node& node, const operator_snapshot& was) {
  if (was.kind != node.kind || was.keyed != node.keyed || was.key_type != node.key_type)
    return another_kind(node, was);
  if (was.instances.empty())
    return error{errc::corrupt_input, "the snapshot has no instance of operator '" + node.name + "'"};
  std::vector<std::string> bookmarks;
  for (const auto& one : was.instances)
    for (const auto& part : one.source.parts)
      if (part.bookmark) bookmarks.push_back(*part.bookmark);
  const auto is_same = was.instances.size() == node.parallelism;
  std::vector<cell_start> starts;
  for (std::uint32_t number = 0; number < node.parallelism; ++number) {
    const auto* const own = is_same ? &was.instances[number] : nullptr;
    auto start = own != nullptr ? *own : rescaled(was, number, node.parallelism);
    if (own != nullptr) start.has_ended = stays_ended(was, *own);
    start.source.elsewhere = parts_elsewhere(was, own);
    starts.push_back({std::move(start), bookmarks});
  }
  for (const auto& one : was.instances)
    if (!is_same && has_sent_ahead(one.source))
      return error{errc::unsupported, "source '" + node.name +
                                          "' had sent a part of a batch when the snapshot was taken "
                                          "(--replay-speed); resume with its parallelism of " +
                                          std::to_string(was.instances.size())};
  return starts;
}

const operator_snapshot* find(const job_snapshot& from, const std::string& name) {
  const auto found = std::find_if(from.operators.begin(), from.operators.end(),
                                  [&](const auto& one) { return one.name == name; });
  return found == from.operators.end() ? nullptr : &*found;
}

/// What of a removed operator is more than rows.
std::string loss_of(const operator_snapshot& was) {
  const auto has_ended = !was.instances.empty() && std::all_of(was.instances.begin(), was.instances.end(),
                                                               [](const auto& one) { return one.has_ended; });
  if (was.kind == node_kind::source)
    return has_ended ? std::string{} : "the position of source '" + was.name + "'";
  for (const auto& one : was.instances)
    for (const auto& output : one.outputs)
      if (!output.receipt.empty()) return "output of sink '" + was.name + "' that is not committed yet";
  return {};
}

/// What had ended goes on if one of its inputs does now: an operator before it may be new.
void let_go_on(const graph& job, restore_plan& plan) {
  for (const auto node : job.sources_first()) {
    const auto& starts = plan.starts[node];
    for (const auto& edge : job.edges) {
      if (edge.from != node) continue;
      const auto is_forward = effective_routing(job, edge) == routing::forward;
      auto& following = plan.starts[edge.to];
      for (std::size_t i = 0; i < starts.size(); ++i) {
        if (starts[i].snapshot.has_ended) continue;
        for (std::size_t to = 0; to < following.size(); ++to)
          if (!is_forward || to == i) following[to].snapshot.has_ended = false;
      }
    }
  }
}

}  // namespace

result<restore_plan> plan_restore(const graph& job, const job_snapshot& from) {
  if (from.job != job.name)
    return error{errc::invalid_argument, "the snapshot is of job '" + from.job + "', this is job '" +
                                             job.name + "'; resume from one of its own"};
  restore_plan plan;
  for (const auto& node : job.nodes) {
    const auto* was = find(from, node.name);
    if (was == nullptr) {
      plan.starts.emplace_back(node.parallelism);
      log::info("operator begins afresh: the snapshot does not know it", {{"operator", node.name}});
      continue;
    }
    auto starts = starts_of(node, *was);
    if (!starts.ok()) return std::move(starts).failed();
    plan.starts.push_back(*std::move(starts));
    if (node.kind == node_kind::transform && !node.keyed && was->instances.size() > node.parallelism)
      plan.dropped.push_back({node.name, node.parallelism, {}});
  }
  let_go_on(job, plan);
  for (auto& starts : plan.starts)
    for (auto& one : starts) one.snapshot.epoch = from.epoch;
  for (const auto& was : from.operators) {
    const auto is_kept = std::any_of(job.nodes.begin(), job.nodes.end(),
                                     [&](const auto& node) { return node.name == was.name; });
    if (!is_kept) plan.dropped.push_back({was.name, 0, loss_of(was)});
  }
  return plan;
}

result<void> drop_parts(const std::vector<dropped_part>& dropped, state::state_store& store,
                        bool is_allowed) {
  for (const auto& part : dropped) {
    auto rows = part.first_instance == 0
                    ? state::erasure_of(store, part.operator_name)
                    : state::erasure_of_instances(store, part.operator_name, part.first_instance);
    if (!rows.ok()) return std::move(rows).failed();
    const auto count = (*rows)->rows().size();
    if (count == 0 && part.what.empty()) continue;
    auto what = part.what.empty() ? "the state of operator '" + part.operator_name + "'" : part.what;
    if (part.first_instance > 0) what += " from instance " + std::to_string(part.first_instance) + " on";
    if (count > 0) what += " (" + std::to_string(count) + " rows)";
    if (!is_allowed)
      return error{errc::invalid_argument,
                   "nothing in the job takes over " + what +
                       "; bring the operator back, or add --allow-dropped-state to go on without it"};
    log::warn("state is dropped", {{"what", what}});
    store.hand_over(*std::move(rows));
  }
  return {};
}

}  // namespace weir::supervision

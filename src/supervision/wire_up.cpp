#include "supervision/wire_up.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

namespace weir::supervision {
namespace {

class wirer {
 public:
  wirer(const graph& job, const cell_table& cells) : job_{job}, cells_{cells} {
    for (const auto& of_node : cells) wirings_.emplace_back(of_node.size());
  }

  void connect(const graph_edge& edge) {
    const auto how = effective_routing(job_, edge);
    const auto senders = job_.nodes[edge.from].parallelism;
    for (std::uint32_t sender = 0; sender < senders; ++sender) connect_sender(edge, how, sender);
  }

  /// Windows are known once every instance's channels are.
  std::vector<std::vector<actors::wiring>> with_windows(const actors::environment& shared) && {
    for (auto& of_node : wirings_)
      for (auto& one : of_node)
        if (!one.inputs.empty())
          one.input_window_bytes = std::max(shared.window_bytes / one.inputs.size(), shared.window_bytes_min);
    for (std::size_t node = 0; node < wirings_.size(); ++node)
      for (auto& one : wirings_[node]) set_output_windows(one);
    return std::move(wirings_);
  }

 private:
  [[nodiscard]] std::string name_of(std::uint32_t node, std::uint32_t number) const {
    return job_.nodes[node].name + "/" + std::to_string(number);
  }

  void connect_sender(const graph_edge& edge, routing how, std::uint32_t sender) {
    auto& from = wirings_[edge.from][sender];
    output_edge made{edge.from_output, how, edge.hash, {}, 0};
    const auto receivers = job_.nodes[edge.to].parallelism;
    for (std::uint32_t receiver = 0; receiver < receivers; ++receiver) {
      if (how == routing::forward && receiver != sender) continue;
      auto& to = wirings_[edge.to][receiver];
      const auto number_there = static_cast<std::uint32_t>(to.inputs.size());
      const auto number_here = static_cast<std::uint32_t>(from.receivers.size());
      made.targets.push_back(number_there);
      to.inputs.push_back(edge.to_input);
      to.timeless.push_back(job_.nodes[edge.from].is_timeless);
      to.senders.push_back({cells_[edge.from][sender]->in, number_here, name_of(edge.from, sender)});
      from.receivers.push_back({cells_[edge.to][receiver]->in, number_there, name_of(edge.to, receiver)});
    }
    receiver_nodes_[&from].push_back(edge.to);
    from.edges.push_back(std::move(made));
  }

  void set_output_windows(actors::wiring& one) {
    const auto& nodes = receiver_nodes_[&one];
    for (std::size_t e = 0; e < one.edges.size(); ++e)
      one.edges[e].window_bytes = wirings_[nodes[e]].front().input_window_bytes;
  }

  const graph& job_;
  const cell_table& cells_;
  std::vector<std::vector<actors::wiring>> wirings_;
  std::unordered_map<const actors::wiring*, std::vector<std::uint32_t>> receiver_nodes_;
};

void connect(actors::instance_cell& cell, actors::wiring channels) {
  cell.connect(std::move(channels));
  const auto& timeless = cell.channels().timeless;
  for (std::uint32_t channel = 0; channel < timeless.size(); ++channel)
    if (timeless[channel]) cell.gate->make_timeless(channel);
}

/// Sources that wait for one another share an alignment.
void align_sources(const graph& job, const cell_table& cells) {
  const auto shared = std::make_shared<actors::source_alignment>();
  for (std::size_t node = 0; node < cells.size(); ++node) {
    if (job.nodes[node].watermarks.drift.count() <= 0) continue;
    for (const auto& cell : cells[node]) {
      cell->alignment = shared;
      cell->alignment_place = shared->add_place();
    }
  }
}

}  // namespace

std::vector<std::vector<actors::wiring>> wire_up(const graph& job, const cell_table& cells,
                                                 const actors::environment& shared) {
  wirer all{job, cells};
  for (const auto& edge : job.edges) all.connect(edge);
  return std::move(all).with_windows(shared);
}

cell_table make_cells(const std::shared_ptr<const graph>& job, const actors::environment_ptr& shared) {
  cell_table cells(job->nodes.size());
  for (std::uint32_t node = 0; node < cells.size(); ++node) {
    const auto& made = job->nodes[node];
    for (std::uint32_t number = 0; number < made.parallelism; ++number)
      cells[node].push_back(std::make_shared<actors::instance_cell>(
          job, actors::instance_identity{node, number, 1, made.parallelism, made.name}, shared));
  }
  auto wirings = wire_up(*job, cells, *shared);
  for (std::size_t node = 0; node < cells.size(); ++node)
    for (std::size_t number = 0; number < cells[node].size(); ++number)
      connect(*cells[node][number], std::move(wirings[node][number]));
  align_sources(*job, cells);
  return cells;
}

}  // namespace weir::supervision

#include <weir/key.hpp>
#include <weir/runtime/graph.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t name_bytes_max = 64;

error invalid(std::string message) { return {errc::invalid_graph, std::move(message)}; }

std::string quoted(std::string_view text) { return '"' + std::string{text} + '"'; }

std::string kind_of(const graph_node& node) {
  switch (node.kind) {
    case node_kind::source: return "a source";
    case node_kind::sink: return "a sink";
    case node_kind::transform: break;
  }
  return node.description.empty() ? "a transform" : node.description;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Empty where nothing is wrong with the name.
std::string fault_of_name(std::string_view name) {
  if (name.empty()) return "has no name: a name is 1 to 64 characters of a-z, 0-9, _ and -";
  if (name.size() > name_bytes_max)
    return "has a name of " + std::to_string(name.size()) + " characters, more than the limit of " +
           std::to_string(name_bytes_max) + ": shorten it";
  const auto wrong = std::find_if_not(name.begin(), name.end(), is_name_character);
  if (wrong == name.end()) return {};
  return "has a name with a character that is not allowed, at position " +
         std::to_string(wrong - name.begin() + 1) + ": use a-z, 0-9, _ and - only";
}

result<void> check_names(const graph& g) {
  if (auto fault = fault_of_name(g.name); !fault.empty())
    return invalid("job " + quoted(g.name) + " " + fault);
  if (g.nodes.empty())
    return invalid("job " + quoted(g.name) + " has no operators: begin it with job.source(...)");
  std::map<std::string_view, const graph_node*> known;
  for (const auto& node : g.nodes) {
    if (auto fault = fault_of_name(node.name); !fault.empty())
      return invalid("operator " + quoted(node.name) + " (" + kind_of(node) + ") " + fault);
    const auto [other, is_new] = known.emplace(node.name, &node);
    if (!is_new)
      return invalid("two operators are named " + quoted(node.name) + ", " + kind_of(*other->second) +
                     " and " + kind_of(node) +
                     ": the name is what an operator is known by in plans, metrics and errors, " +
                     "so give one of them another");
  }
  return {};
}

result<void> check_parallelism(const graph& g) {
  for (const auto& node : g.nodes)
    if (node.parallelism < 1 || node.parallelism > key_groups)
      return invalid("operator " + quoted(node.name) + " has a parallelism of " +
                     std::to_string(node.parallelism) + ": it must be 1 to " + std::to_string(key_groups) +
                     ", the number of key groups");
  return {};
}

result<void> check_edge(const graph& g, const graph_edge& edge) {
  if (edge.from >= g.nodes.size() || edge.to >= g.nodes.size())
    return invalid("an edge names an operator that the job does not have: streams lead only within one job");
  const auto& from = g.nodes[edge.from];
  const auto& to = g.nodes[edge.to];
  if (edge.from_output >= from.outputs.size())
    return invalid("operator " + quoted(from.name) + " has no output " + std::to_string(edge.from_output) +
                   ", but " + quoted(to.name) + " reads it");
  if (edge.to_input >= to.inputs.size())
    return invalid("operator " + quoted(to.name) + " has no input " + std::to_string(edge.to_input) +
                   ", but " + quoted(from.name) + " leads to it: into(...) numbers inputs from 0");
  const auto& emitted = from.outputs[edge.from_output].type;
  const auto& taken = to.inputs[edge.to_input];
  if (!(emitted == taken))
    return invalid("operator " + quoted(from.name) + " emits " + std::string{emitted.name()} + " to input " +
                   std::to_string(edge.to_input) + " of " + quoted(to.name) + ", which takes " +
                   std::string{taken.name()});
  return {};
}

result<void> check_inputs(const graph& g) {
  for (std::uint32_t n = 0; n < g.nodes.size(); ++n) {
    const auto& node = g.nodes[n];
    for (std::uint32_t input = 0; input < node.inputs.size(); ++input) {
      const auto leads_here = [&](const graph_edge& edge) { return edge.to == n && edge.to_input == input; };
      if (std::any_of(g.edges.begin(), g.edges.end(), leads_here)) continue;
      return invalid("operator " + quoted(node.name) + " has no input: nothing leads to its input " +
                     std::to_string(input) + ", which takes " + std::string{node.inputs[input].name()});
    }
  }
  return {};
}

/// Depth-first search for a way back to where it has been.
class cycle_search {
 public:
  explicit cycle_search(const graph& g) : graph_{g}, marks_(g.nodes.size(), mark::unseen) {}

  /// `a -> b -> a`; empty if there is no cycle.
  std::string find() {
    for (std::uint32_t node = 0; node < graph_.nodes.size(); ++node)
      if (marks_[node] == mark::unseen && visit(node)) return shown();
    return {};
  }

 private:
  enum class mark : std::uint8_t { unseen, on_path, done };

  bool visit(std::uint32_t node) {
    marks_[node] = mark::on_path;
    path_.push_back(node);
    for (const auto& edge : graph_.edges) {
      if (edge.from != node || marks_[edge.to] == mark::done) continue;
      if (marks_[edge.to] == mark::unseen) {
        if (visit(edge.to)) return true;
        continue;
      }
      path_.erase(path_.begin(), std::find(path_.begin(), path_.end(), edge.to));
      path_.push_back(edge.to);
      return true;
    }
    path_.pop_back();
    marks_[node] = mark::done;
    return false;
  }

  [[nodiscard]] std::string shown() const {
    std::string text;
    for (const auto node : path_) text += (text.empty() ? "" : " -> ") + graph_.nodes[node].name;
    return text;
  }

  const graph& graph_;
  std::vector<mark> marks_;
  std::vector<std::uint32_t> path_;
};

bool is_read(const graph& g, std::uint32_t node, std::uint32_t output) {
  return std::any_of(g.edges.begin(), g.edges.end(),
                     [&](const graph_edge& edge) { return edge.from == node && edge.from_output == output; });
}

}  // namespace

std::uint32_t graph::add(std::string operator_name, std::uint32_t parallelism, restart_policy restart,
                         graph_node node) {
  node.name = std::move(operator_name);
  node.parallelism = parallelism;
  node.restart = restart;
  nodes.push_back(std::move(node));
  return static_cast<std::uint32_t>(nodes.size() - 1);
}

result<void> graph::check() const {
  if (auto names = check_names(*this); !names.ok()) return names;
  if (auto numbers = check_parallelism(*this); !numbers.ok()) return numbers;
  for (const auto& edge : edges)
    if (auto checked = check_edge(*this, edge); !checked.ok()) return checked;
  if (auto inputs = check_inputs(*this); !inputs.ok()) return inputs;
  if (const auto cycle = cycle_search{*this}.find(); !cycle.empty())
    return invalid("the operators form a cycle: " + cycle +
                   "; records must come to an end, so lead one of these " + "streams elsewhere");
  return {};
}

std::vector<std::string> graph::warnings() const {
  std::vector<std::string> found;
  for (std::uint32_t n = 0; n < nodes.size(); ++n) {
    const auto& node = nodes[n];
    for (std::uint32_t output = 0; output < node.outputs.size(); ++output) {
      const auto& [type, output_name, is_optional] = node.outputs[output];
      if (is_optional || is_read(*this, n, output)) continue;
      if (node.kind == node_kind::source)
        found.push_back("source " + quoted(node.name) + " has no consumers: its " + std::string{type.name()} +
                        " records are read and dropped");
      else
        found.push_back("operator " + quoted(node.name) + ": its output " +
                        (output_name.empty() ? std::string{type.name()} : quoted(output_name)) +
                        " goes nowhere: what is emitted there is counted and dropped");
    }
  }
  return found;
}

std::vector<std::uint32_t> graph::sources_first() const {
  std::vector<std::uint32_t> waits_for(nodes.size(), 0), order;
  for (const auto& edge : edges) ++waits_for[edge.to];
  std::vector<bool> is_placed(nodes.size(), false);
  while (order.size() < nodes.size()) {
    const auto placed = order.size();
    for (std::uint32_t node = 0; node < nodes.size(); ++node) {
      if (is_placed[node] || waits_for[node] > 0) continue;
      is_placed[node] = true;
      order.push_back(node);
      for (const auto& edge : edges)
        if (edge.from == node) --waits_for[edge.to];
    }
    if (order.size() == placed) break;
  }
  return order;
}

routing effective_routing(const graph& g, const graph_edge& edge) noexcept {
  const auto from = g.nodes[edge.from].parallelism;
  const auto to = g.nodes[edge.to].parallelism;
  if (edge.how == routing::forward && from != to) return routing::rebalance;
  if (edge.how == routing::rebalance && from == 1 && to == 1) return routing::forward;
  return edge.how;
}

}  // namespace weir

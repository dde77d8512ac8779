#include <weir/runtime/graph.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace weir {
namespace {

std::string_view name_of(routing how) {
  switch (how) {
    case routing::forward: return "forward";
    case routing::keyed: return "keyed";
    case routing::rebalance: return "rebalance";
    case routing::broadcast: return "broadcast";
  }
  return "unknown";
}

/// `Flight`, or `LateFlight "late"` for a side output.
std::string label_of(const graph_output& output) {
  std::string label{output.type.name()};
  if (!output.name.empty()) label += " \"" + output.name + '"';
  return label;
}

std::string instances_of(const graph_node& node) {
  return std::to_string(node.parallelism) + (node.parallelism == 1 ? " instance" : " instances");
}

/// What it is and, behind the number of instances, what it reads or writes.
std::pair<std::string, std::string> title_of(const graph_node& node) {
  if (node.kind == node_kind::transform) return {node.description, node.keyed ? "keyed" : ""};
  return {node.kind == node_kind::source ? "source" : "sink", node.description};
}

/// One line of an operator's inputs or outputs.
struct plan_line {
  std::string_view direction;  ///< `in ` or `out`
  std::string label;
  std::string peers;
};

std::vector<plan_line> lines_of(const graph& g, std::uint32_t n) {
  std::vector<plan_line> lines;
  const auto& node = g.nodes[n];
  for (std::uint32_t input = 0; input < node.inputs.size(); ++input)
    for (const auto& edge : g.edges)
      if (edge.to == n && edge.to_input == input)
        lines.push_back(
            {"in ", std::string{node.inputs[input].name()},
             "from " + g.nodes[edge.from].name + ", " + std::string{name_of(effective_routing(g, edge))}});
  for (std::uint32_t output = 0; output < node.outputs.size(); ++output) {
    std::string readers;
    for (const auto& edge : g.edges)
      if (edge.from == n && edge.from_output == output)
        readers += (readers.empty() ? "to " : ", ") + g.nodes[edge.to].name;
    lines.push_back({"out", label_of(node.outputs[output]), readers.empty() ? "to nobody" : readers});
  }
  return lines;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string text_of(const graph& g) {
  std::size_t name_width = 0, label_width = 0;
  for (std::uint32_t n = 0; n < g.nodes.size(); ++n) {
    name_width = std::max(name_width, g.nodes[n].name.size());
    for (const auto& line : lines_of(g, n)) label_width = std::max(label_width, line.label.size());
  }
  const auto margin = std::string(name_width + 2, ' ');
  auto text = g.name + '\n';
  for (std::uint32_t n = 0; n < g.nodes.size(); ++n) {
    const auto& node = g.nodes[n];
    const auto [what, more] = title_of(node);
    text += '\n' + padded(node.name, margin.size()) + what + ", " + instances_of(node);
    if (!more.empty()) text += (node.kind == node_kind::transform ? ", " : ": ") + more;
    text += '\n';
    for (const auto& line : lines_of(g, n))
      text += margin + std::string{line.direction} + ' ' + padded(line.label, label_width + 2) + line.peers +
              '\n';
  }
  return text;
}

std::string replaced(const std::string& text, std::initializer_list<std::pair<char, std::string_view>> by) {
  std::string made;
  for (const char c : text) {
    const auto found = std::find_if(by.begin(), by.end(), [c](const auto& one) { return one.first == c; });
    if (found == by.end())
      made += c;
    else
      made += found->second;
  }
  return made;
}

/// The lines of an operator's box: its name, what it is, what it reads or writes.
std::vector<std::string> box_of(const graph_node& node) {
  const auto [what, more] = title_of(node);
  std::vector<std::string> lines{node.name, what + ", " + instances_of(node)};
  if (!more.empty() && node.kind != node_kind::transform) lines.push_back(more);
  return lines;
}

template <class Escape>
std::string joined(const std::vector<std::string>& lines, std::string_view separator, const Escape& escape) {
  std::string text;
  for (const auto& line : lines) {
    if (!text.empty()) text += separator;
    text += escape(line);
  }
  return text;
}

/// Source operators stand in a stadium, sinks in a cylinder.
std::string mermaid_of(const graph& g) {
  const auto escape = [](const std::string& text) {
    return replaced(text, {{'"', "#quot;"}, {'<', "#lt;"}, {'>', "#gt;"}, {'#', "#35;"}});
  };
  std::string text = "flowchart LR\n";
  for (std::size_t n = 0; n < g.nodes.size(); ++n) {
    const auto& node = g.nodes[n];
    const auto label = '"' + joined(box_of(node), "<br/>", escape) + '"';
    const auto is = [&](node_kind kind) { return node.kind == kind; };
    text += "  n" + std::to_string(n) +
            (is(node_kind::source) ? "(["
             : is(node_kind::sink) ? "[("
                                   : "[") +
            label +
            (is(node_kind::source) ? "])"
             : is(node_kind::sink) ? ")]"
                                   : "]") +
            '\n';
  }
  for (const auto& edge : g.edges)
    text += "  n" + std::to_string(edge.from) + " -->|\"" +
            escape(label_of(g.nodes[edge.from].outputs[edge.from_output])) + "<br/>" +
            std::string{name_of(effective_routing(g, edge))} + "\"| n" + std::to_string(edge.to) + '\n';
  return text;
}

std::string graphviz_of(const graph& g) {
  const auto escape = [](const std::string& text) { return replaced(text, {{'"', "\\\""}, {'\\', "\\\\"}}); };
  auto text = "digraph \"" + escape(g.name) + "\" {\n  rankdir=LR;\n";
  text += "  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n";
  text += "  edge [fontname=\"sans-serif\", fontsize=10];\n";
  for (std::size_t n = 0; n < g.nodes.size(); ++n) {
    const auto& node = g.nodes[n];
    text += "  n" + std::to_string(n) + " [label=\"" + joined(box_of(node), "\\n", escape) + '"';
    if (node.kind == node_kind::source) text += ", shape=cds";
    if (node.kind == node_kind::sink) text += ", shape=cylinder";
    text += "];\n";
  }
  for (const auto& edge : g.edges)
    text += "  n" + std::to_string(edge.from) + " -> n" + std::to_string(edge.to) + " [label=\"" +
            escape(label_of(g.nodes[edge.from].outputs[edge.from_output])) + "\\n" +
            std::string{name_of(effective_routing(g, edge))} + "\"];\n";
  return text + "}\n";
}

}  // namespace

std::string plan_of(const graph& g, plan_format format) {
  switch (format) {
    case plan_format::text: return text_of(g);
    case plan_format::mermaid: return mermaid_of(g);
    case plan_format::graphviz: return graphviz_of(g);
  }
  return {};
}

}  // namespace weir

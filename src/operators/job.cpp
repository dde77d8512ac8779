#include <weir/job.hpp>

#include <utility>

namespace weir {

std::uint32_t job::add_source(const std::string& name, source_spec spec, const operator_options& options) {
  graph_node node;
  node.kind = node_kind::source;
  node.description = spec.description;
  node.outputs.push_back({spec.type, {}});
  node.source = std::move(spec);
  return graph_->add(name, options.parallelism, options.restart, std::move(node));
}

}  // namespace weir

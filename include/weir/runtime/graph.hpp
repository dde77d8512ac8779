#pragma once
/// A job before it runs: operators and edges, as plain data.

#include <weir/error.hpp>
#include <weir/record.hpp>
#include <weir/restart.hpp>
#include <weir/runtime/batch_writer.hpp>
#include <weir/runtime/operator_logic.hpp>
#include <weir/sink.hpp>
#include <weir/source.hpp>
#include <weir/watermarks.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir {

/// How an edge deals records out to the instances of its target.
enum class routing : std::uint8_t {
  forward,    ///< instance i to instance i; needs equal parallelism
  keyed,      ///< by the hash of the key
  rebalance,  ///< batch by batch, round robin
  broadcast,  ///< everything to every instance
};

/// Fills `hashes` with the hash of each record's key, by position in the view.
using key_hasher = std::function<void(const batch_view& view, std::vector<std::uint64_t>& hashes)>;

/// Gives the records from index `from` on in a source's open batch their event times and watermarks.
using time_assigner =
    std::function<void(batch_writer& batch, std::uint32_t from, watermark_generator& watermarks)>;

struct graph_output {
  record_type type;
  std::string name;          ///< empty: the output of its type
  bool is_optional = false;  ///< nobody needs to read it
};

enum class node_kind : std::uint8_t { source, transform, sink };

/// An operator.
struct graph_node {
  std::string name;
  node_kind kind{};
  std::string description;  ///< for the plan: the behavior's type, or what the source reads
  std::uint32_t parallelism = 1;
  restart_policy restart = one_for_one{};
  bool keyed = false;
  std::string key_type;  ///< keyed: described as in describe.hpp
  std::vector<record_type> inputs;
  std::vector<graph_output> outputs;

  std::function<std::unique_ptr<operator_logic>()> make_logic;  ///< transform
  std::optional<source_spec> source;
  time_assigner assign_times;  ///< source; empty: no event time
  watermark_strategy watermarks{};
  bool is_timeless = false;  ///< source: whoever reads it goes by the time of its other inputs alone
  std::optional<sink_spec> sink;
};

struct graph_edge {
  std::uint32_t from = 0;  ///< node
  std::uint32_t from_output = 0;
  std::uint32_t to = 0;  ///< node
  std::uint32_t to_input = 0;
  routing how{};
  key_hasher hash;  ///< keyed
};

/// The whole job. Nodes and edges are referred to by index.
struct graph {
  std::string name;
  std::vector<graph_node> nodes;
  std::vector<graph_edge> edges;

  /// Adds an operator and returns its index.
  std::uint32_t add(std::string operator_name, std::uint32_t parallelism, restart_policy restart,
                    graph_node node);

  /// The first thing that keeps the job from running: no operator at all, names that are empty, too long, not
  /// [a-z0-9_-] or used twice, a parallelism out of 1..key_groups, an edge between two record types, an input that
  /// nothing leads to, a cycle (named in full). The code is invalid_graph.
  [[nodiscard]] result<void> check() const;
  /// What is legal and probably not meant: a source without consumers, an output that goes nowhere.
  /// Precondition: check() succeeded.
  [[nodiscard]] std::vector<std::string> warnings() const;
  /// Nodes in an order in which every edge leads forward. Precondition: check() succeeded.
  [[nodiscard]] std::vector<std::uint32_t> sources_first() const;
};

/// How an edge is really wired: forward needs two equal parallelisms and is a rebalance otherwise, and between single
/// instances a rebalance is a forward.
[[nodiscard]] routing effective_routing(const graph& g, const graph_edge& edge) noexcept;

enum class plan_format : std::uint8_t { text, mermaid, graphviz };

/// The graph for a person or for a drawing tool.
[[nodiscard]] std::string plan_of(const graph& g, plan_format format);

/// A behavior's C++ type for a person, without namespaces of the runtime: `watch_airport`. The behaviors of filter, map
/// and flat_map have just these names.
[[nodiscard]] std::string readable_name(const char* mangled);

}  // namespace weir

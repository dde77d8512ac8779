#pragma once
/// What an instance does, without the actor around it: a source reads, a transform runs a behavior, a sink writes.

#include "actors/environment.hpp"
#include "operators/input_gate.hpp"
#include "operators/output_ports.hpp"
#include "schemas/control.capnp.h"
#include <weir/error.hpp>
#include <weir/runtime/graph.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::actors {

/// What a step came to.
enum class step_result : std::uint8_t {
  worked,   ///< call again
  starved,  ///< nothing to consume
  blocked,  ///< an output has no credit
  waiting,  ///< nothing until wake_at_us()
  ended,    ///< all done; never call again
};

/// Which instance it is.
struct instance_identity {
  std::uint32_t node = 0;
  std::uint32_t number = 0;
  std::uint32_t incarnation = 1;
  std::uint32_t parallelism = 1;
  std::string operator_name;

  [[nodiscard]] std::string name() const { return operator_name + "/" + std::to_string(number); }
};

/// Confined to the owning actor. Any call may throw what the author's code throws.
class instance_body {
 public:
  virtual ~instance_body() = default;

  virtual result<void> open() = 0;
  /// One unit of work: about a batch.
  virtual result<step_result> step() = 0;
  /// What was built so far leaves: there is no more input for now, or it has waited long enough.
  virtual result<void> flush() = 0;
  /// True: something waits for flush().
  [[nodiscard]] virtual bool has_unflushed() const = 0;
  /// When step() has something to do although nothing arrives; steady clock. Nothing: never.
  [[nodiscard]] virtual std::optional<std::int64_t> wake_at_us() const { return std::nullopt; }
  /// Read no further, and end. Only sources care.
  virtual void drain() {}
  /// The job stops before the end.
  virtual void abandon() noexcept {}
  [[nodiscard]] virtual bool ask(std::uint64_t /*type*/, std::string_view /*key*/,
                                 capnp::AnyStruct::Reader /*question*/,
                                 capnp::AnyPointer::Builder /*answer*/) {
    return false;
  }
  /// The record being handled, decoded; empty if there is none.
  [[nodiscard]] virtual std::string current_record() const { return {}; }
  /// Everything but identity, state, times and channels.
  virtual void describe(wire::InstanceReport::Builder report) const = 0;
};

/// What a body is made from. References outlive it.
struct body_parts {
  const graph_node& node;
  instance_identity identity;
  environment_ptr shared;
  input_gate& gate;
  output_ports& ports;
};

[[nodiscard]] std::unique_ptr<instance_body> make_source_body(body_parts parts);
[[nodiscard]] std::unique_ptr<instance_body> make_transform_body(body_parts parts);
[[nodiscard]] std::unique_ptr<instance_body> make_sink_body(body_parts parts);
[[nodiscard]] std::unique_ptr<instance_body> make_body(body_parts parts);

}  // namespace weir::actors

#pragma once
/// What an instance does, without the actor around it: a source reads, a transform runs a behavior, a sink writes.

#include "actors/instance_cell.hpp"
#include "schemas/control.capnp.h"
#include <weir/error.hpp>
#include <weir/runtime/behavior_host.hpp>

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

/// Confined to the owning actor. Any call may throw what the author's code throws.
class instance_body {
 public:
  virtual ~instance_body() = default;

  virtual result<void> open() = 0;
  /// One unit of work: about a batch.
  virtual result<step_result> step() = 0;
  /// A unit of work that nobody waits for; called where step() finds nothing to do. True: there is more of it.
  virtual bool work_aside() { return false; }
  /// What was built so far leaves: there is no more input for now, or it has waited long enough.
  virtual result<void> flush() = 0;
  /// True: something waits for flush().
  [[nodiscard]] virtual bool has_unflushed() const = 0;
  /// When step() has something to do although nothing arrives; steady clock. Nothing: never.
  [[nodiscard]] virtual std::optional<std::int64_t> wake_at_us() const { return std::nullopt; }
  /// Read no further, and end. Only sources care.
  virtual void drain() {}
  /// The snapshot of that epoch is complete. Only sinks care.
  virtual result<void> commit(std::uint64_t /*epoch*/) { return {}; }
  /// The job stops before the end.
  virtual void abandon() noexcept {}
  /// The tick in the middle of which the body stands; 0: none. What fails there may be the fault of its record.
  [[nodiscard]] virtual std::uint64_t current_tick() const { return 0; }
  /// Death at the current tick is due to its record or timer, which is not to be handled any more.
  // NOLINTNEXTLINE(performance-unnecessary-value-param): those who override it keep it
  virtual void poison(const error& /*why*/, std::string /*capsule*/) {}
  [[nodiscard]] virtual bool ask(std::uint64_t /*type*/, std::string_view /*key*/,
                                 capnp::AnyStruct::Reader /*question*/,
                                 capnp::AnyPointer::Builder /*answer*/) {
    return false;
  }
  /// Where in its journal the body stands.
  [[nodiscard]] virtual journal_point now() const { return {}; }
  /// True: it goes through what an earlier life has met.
  [[nodiscard]] virtual bool is_replaying() const { return false; }
  /// The record being handled, decoded; empty if there is none.
  [[nodiscard]] virtual std::string current_record() const { return {}; }
  /// A replay: the watcher hears of every tick behind `from`. Only transforms care.
  virtual void watch(std::uint64_t /*from*/, tick_watcher& /*by*/) {}
  /// Everything but identity, state, times and channels.
  virtual void describe(wire::InstanceReport::Builder report) const = 0;
};

/// Hears what a body has to say to supervisors.
class body_owner {
 public:
  virtual ~body_owner() = default;
  virtual void acknowledge(const instance_snapshot& taken) = 0;
};

/// What a body is made from. References outlive it.
struct body_parts {
  instance_cell& cell;
  body_owner& owner;

  [[nodiscard]] const graph_node& node() const noexcept { return cell.node(); }
  [[nodiscard]] const instance_identity& identity() const noexcept { return cell.identity; }
  [[nodiscard]] const environment& shared() const noexcept { return *cell.shared; }
  [[nodiscard]] input_gate& gate() const noexcept { return *cell.gate; }
  [[nodiscard]] output_ports& ports() const noexcept { return *cell.ports; }
  /// The start of an own snapshot of that epoch: who the instance is, and where its inputs stand.
  [[nodiscard]] instance_snapshot describe(std::uint64_t epoch) const {
    instance_snapshot taken;
    taken.node = identity().node;
    taken.instance = identity().number;
    taken.epoch = epoch;
    taken.has_begun = true;
    for (std::uint32_t c = 0; c < gate().channels(); ++c)
      taken.channels.push_back(gate().watermarks().marks(c));
    return taken;
  }
  void crash_point_at(crash_point where) const {
    if (const auto& hear = shared().seams.on_crash_point) hear(identity().name(), where);
  }
};

[[nodiscard]] std::unique_ptr<instance_body> make_source_body(body_parts parts);
[[nodiscard]] std::unique_ptr<instance_body> make_transform_body(body_parts parts);
[[nodiscard]] std::unique_ptr<instance_body> make_sink_body(body_parts parts);
[[nodiscard]] std::unique_ptr<instance_body> make_body(body_parts parts);

}  // namespace weir::actors

#pragma once
/// A behavior as the runtime sees it: without its type.

#include <weir/batch.hpp>
#include <weir/record.hpp>
#include <weir/runtime/behavior_host.hpp>

#include <capnp/any.h>

#include <cstdint>
#include <string_view>

namespace weir {

/// One operator instance's behavior. Confined to the owning actor. Any call but the constructor may throw what the
/// author's code throws: the instance dies of it.
class operator_logic {
 public:
  virtual ~operator_logic() = default;

  /// Called once, before anything else: binds the behavior and its cells. `host` outlives the logic.
  virtual void open(behavior_host& host) = 0;
  /// Called behind open() where the instance has no history: what it does belongs to the history from then on.
  virtual void begin() {}
  /// Handles the records [from, view.size()) that came in on `input`, in order. Returns where it stopped: less than
  /// view.size() only if the host is congested.
  [[nodiscard]] virtual std::uint32_t consume(std::uint32_t input, const batch_view& view,
                                              std::uint32_t from) = 0;
  /// Every input has ended and every timer has fired.
  virtual void end() {}
  /// Answers a question between two batches; false if there is no handler for it. `key` selects the key of a keyed
  /// behavior and ends in a NUL.
  [[nodiscard]] virtual bool ask(std::uint64_t /*question_type*/, std::string_view /*key*/,
                                 capnp::AnyStruct::Reader /*question*/,
                                 capnp::AnyPointer::Builder /*answer*/) {
    return false;
  }
};

}  // namespace weir

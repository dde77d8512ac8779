#pragma once
/// What a behavior under test stands on instead of an actor: virtual time, and outputs that are kept.

#include <weir/runtime/behavior_host.hpp>
#include <weir/testing/owned.hpp>

#include <capnp/any.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir::testing {

/// How a probe treats its behavior. A behavior that is written well gives the same output under all of them.
struct probe_options {
  std::uint64_t seed = 1;
  /// Every record that is sent or emitted is a batch of its own.
  bool one_record_batches = false;
  /// The outputs are congested behind every emission: the runtime stops there, also in the middle of a batch or between
  /// two timers, and goes on later.
  bool refuse_offers = false;
  /// What now() says at first.
  processing_time start{std::chrono::seconds{1'577'836'800}};
};

/// A record that the behavior rejected.
struct rejection {
  std::string reason;
  std::string record;  ///< as text; empty where no record was being handled
};

/// A record on its way into the behavior.
struct input_record {
  capnp::AnyStruct::Reader content;
  std::int64_t event_time_us = 0;
  std::int64_t watermark_us = 0;  ///< holds when the record is handled
};

/// The part of a probe that does not know the behavior's type.
class stage final : private emission_target {
 public:
  stage(std::vector<record_type> outputs, const probe_options& options);
  ~stage() override;

  [[nodiscard]] behavior_host& host() noexcept { return *host_; }
  [[nodiscard]] const probe_options& options() const noexcept { return options_; }
  [[nodiscard]] std::int64_t now_us() const noexcept { return now_us_; }
  [[nodiscard]] const std::vector<rejection>& rejected() const noexcept { return rejected_; }
  /// How often the behavior was stopped because its outputs were congested.
  [[nodiscard]] std::uint64_t stops() const noexcept { return stops_; }

  /// The batches that carry `records`: one, or one each. `hash`: of the key of all of them; null: unkeyed.
  [[nodiscard]] std::vector<batch_view> batches_of(const record_type& type,
                                                   const std::vector<input_record>& records,
                                                   const std::vector<std::uint64_t>& hashes);
  /// Has `consume(from)` handle the view's records, until none is left.
  void consume(const batch_view& view, const std::function<std::uint32_t(std::uint32_t from)>& consume_from);
  void advance_watermark(std::int64_t watermark_us);
  /// Moves the clock from one due timer to the next, up to `duration_us` from now.
  void advance_clock(std::int64_t duration_us);
  /// Fires every timer that is left.
  void fire_all_timers();
  /// What was emitted to `port` since the last call.
  [[nodiscard]] std::vector<batch_view> take(std::uint32_t port);

 private:
  void deliver(std::uint32_t port, batch_view records) override;
  [[nodiscard]] bool is_unused(std::uint32_t) const override { return false; }
  void until_done(const std::function<bool()>& step);
  void relieve();

  probe_options options_;
  std::shared_ptr<buffer_pool> memory_;
  std::int64_t now_us_;
  std::vector<std::vector<batch_view>> emitted_;  ///< by port
  std::vector<rejection> rejected_;
  std::uint64_t stops_ = 0;
  std::unique_ptr<behavior_host> host_;
};

}  // namespace weir::testing

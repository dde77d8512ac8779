#pragma once
/// Runs the operators of a job, one after the other and without threads, in ways that must make no difference.

#include <weir/batch.hpp>
#include <weir/runtime/graph.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace weir::tests {

/// How an operator is treated.
struct kit_habits {
  bool one_record_batches = false;  ///< every record that it gets or emits is a batch of its own
  bool refuses_offers =
      false;  ///< its outputs are congested behind every batch: it stops there and goes on later
  /// Behind every step its state is taken as a snapshot, and a new life on a new state goes on from that.
  bool restores = false;
  /// Every step is lived twice: the first life's output is forgotten, its state goes back, and another one does the
  /// same again.
  bool dies = false;

  [[nodiscard]] std::string shown() const;
};

/// What a source gives in one step.
struct kit_step {
  std::string source;
  batch_ptr records;
  std::int64_t clock_us = 0;  ///< passes on the machine's clock before
};

/// A batch that an operator emitted.
struct kit_delivery {
  std::uint32_t port = 0;
  batch_view records;
};

struct kit_result {
  std::vector<kit_delivery> deliveries;
  std::vector<std::string> rejected;
  std::uint64_t stops = 0;  ///< how often a refusal made it stop before its input was done
};

/// Runs every transform of the job on what the sources in front of it give: first as it comes, which is what the
/// operators behind it get, then under every combination of habits. Returns the first difference, or an empty text. The
/// results of the plain runs go to `plain`, by operator.
/// Not covered: several instances, barriers, journals; the simulations cover these.
[[nodiscard]] std::string operator_fault(const graph& job, const std::vector<kit_step>& steps,
                                         std::map<std::string, kit_result>& plain);

}  // namespace weir::tests

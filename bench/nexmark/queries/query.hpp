#pragma once
/// The 23 queries: jobs as their author would write them, and for each the loop that it is compared with.

#include "nexmark/generator/event_settings.hpp"
#include "nexmark/generator/event_streams.hpp"
#include <weir/job.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace nexmark {

/// How a query runs.
struct query_settings {
  weir::operator_options each{};            ///< of every operator that can have more than one instance
  std::function<weir::sink_spec()> sink{};  ///< where results go
};

/// Kinds of events that a query reads.
struct event_kinds {
  bool persons = false;
  bool auctions = false;
  bool bids = false;
};

struct query {
  std::string_view name;   ///< `q5`
  std::string_view title;  ///< `hot items`
  event_kinds reads;
  /// Leads the streams through the query's operators into a sink named `out`.
  void (*add)(const event_streams& in, const query_settings& settings);
  /// The same in one thread and without a runtime: makes the same records, reads them, makes the same results. Returns
  /// how many these are.
  std::uint64_t (*loop)(const event_settings& events);
  bool writes_files = false;  ///< its results are meant for files
};

/// In the order of their numbers.
[[nodiscard]] std::span<const query> all_queries();

}  // namespace nexmark

#include "io/testing/sink_history.hpp"
#include <weir/testing/sink_kit.hpp>

#include <algorithm>
#include <exception>

namespace weir::testing::detail {
namespace {

/// Of a history, and one that no view chooses.
constexpr std::uint64_t records = 20;

batch_view batch_of_one(const sink_under_test& tested, std::uint64_t n) {
  batch_writer writer{tested.type, {}, {}, std::make_shared<buffer_pool>()};
  tested.fill(n, writer.append());
  writer.commit(0, 0);
  return batch_view{writer.seal()};
}

/// How each record looks where it is visible, as the sink itself writes it when nothing happens. Throws failure where the sink
/// says no.
std::vector<std::string> rows_of(const sink_under_test& tested, bool commits) {
  const auto place = tested.fresh();
  const auto writer = place.sink.open({"job", "out", 0, 1, tested.type, commits}).or_throw();
  if (!writer->is_exactly_once())
    throw failure{errc::unsupported,
                  "is_exactly_once() says no, so nothing of what is tried here is promised"};
  for (std::uint64_t n = 0; n <= records; ++n) writer->write(batch_of_one(tested, n)).or_throw();
  const auto receipt = writer->prepare(1).or_throw();
  if (commits) writer->commit({1, receipt}).or_throw();
  writer->finish().or_throw();
  return place.visible();
}

std::string fault_of(const std::vector<std::string>& rows) {
  if (rows.size() != records + 1)
    return std::to_string(records + 1) + " records were written and became final, but visible() gives " +
           std::to_string(rows.size()) + " texts; it must give one per record";
  auto sorted = rows;
  std::sort(sorted.begin(), sorted.end());
  const auto same = std::adjacent_find(sorted.begin(), sorted.end());
  return same == sorted.end() ? "" : "two records look the same, so nothing can be told of them: " + *same;
}

void try_histories(const sink_under_test& tested, const sink_kit_options& options, bool commits,
                   std::vector<std::string>& faults) {
  const auto rows = rows_of(tested, commits);
  if (auto fault = fault_of(rows); !fault.empty()) return faults.push_back(std::move(fault));
  for (auto seed = options.seed; seed < options.seed + options.histories; ++seed) {
    std::uint32_t calls = 0;
    for (std::uint32_t death_behind = 0; death_behind <= calls; ++death_behind) {
      if (faults.size() >= options.faults_max) return;
      sink_history history{tested, rows, {seed, death_behind, commits, options.shows_early}};
      auto fault = history.run();
      if (death_behind == 0) calls = history.calls();
      if (fault.empty()) continue;
      faults.push_back(std::move(fault));
      break;
    }
  }
}

}  // namespace

std::vector<std::string> sink_faults(const sink_under_test& tested, const sink_kit_options& options) {
  std::vector<std::string> faults;
  for (const auto commits : {true, false}) {
    if (!(commits ? options.with_commits : options.without_commits)) continue;
    if (faults.size() >= options.faults_max) break;
    try {
      try_histories(tested, options, commits, faults);
    } catch (const std::exception& thrown) {
      faults.push_back(std::string{"when nothing happens: "} + thrown.what());
    }
  }
  return faults;
}

}  // namespace weir::testing::detail

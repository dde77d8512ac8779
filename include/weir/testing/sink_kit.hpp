#pragma once
/// What sink_writer promises, tried on a sink of one's own.

#include <weir/record.hpp>
#include <weir/sink.hpp>

#include <capnp/any.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace weir::testing {

/// A sink whose output goes to a place of its own, where nothing is yet.
struct sink_place {
  sink_spec sink;
  /// What somebody who looks there finds final, one text per record. The records of one instance and epoch in their order.
  std::function<std::vector<std::string>()> visible;
  /// What else is there: temporary files, open transactions. Empty: nobody can tell. Nothing may be left once all writers
  /// have finished.
  std::function<std::vector<std::string>()> leftovers{};
};

/// What is tried.
struct sink_kit_options {
  std::uint64_t seed = 1;        ///< of the first history
  std::uint32_t histories = 10;  ///< each is gone through once per call in it, dying behind that call
  bool with_commits = true;      ///< sink_part::commits, in new processes of other parallelism, too
  bool without_commits = true;   ///< output becomes final by finish(), or is cut back within the process
  bool shows_early = false;      ///< without commits, records are visible before finish()
  std::uint32_t faults_max = 3;  ///< enough is enough
};

namespace detail {

/// A kit's input without its types.
struct sink_under_test {
  std::function<sink_place()> fresh;
  record_type type;
  std::function<void(std::uint64_t n, capnp::AnyStruct::Builder record)> fill;
};
[[nodiscard]] std::vector<std::string> sink_faults(const sink_under_test& tested,
                                                   const sink_kit_options& options);

}  // namespace detail

/// Drives the writers of a sink as the runtime does, and worse: `fresh()` gives a sink_place, `fill(n, T::Builder)` makes
/// the n-th record. Random histories of write, flush, prepare, mark, commit and recover by up to three writers; calls that come
/// again; snapshots that are given up; after every single call an instance dies, or the process, without any further call,
/// and others take its place. Checks after every call what is visible: all that was committed, once, and nothing else.
/// Says what was wrong, and the calls that led there; nothing: the sink keeps its promises.
///
///   CHECK(weir::testing::sink_faults<Storm>(
///             [] {
///               const auto folder = std::make_shared<temporary_folder>();
///               return weir::testing::sink_place{storm_table(folder->path()), [folder] { return rows_in(*folder); }};
///             },
///             [](std::uint64_t n, Storm::Builder out) { out.setDepartures(n); }) == std::vector<std::string>{});
///
/// Records with different n must differ. Not covered: errors, two processes at once, damage to what was prepared.
template <record T, class Fresh, class Fill>
[[nodiscard]] std::vector<std::string> sink_faults(Fresh fresh, Fill fill,
                                                   const sink_kit_options& options = {}) {
  return detail::sink_faults(
      {std::move(fresh), record_type::of<T>(),
       [fill](std::uint64_t n, capnp::AnyStruct::Builder record) { fill(n, record.as<T>()); }},
      options);
}

}  // namespace weir::testing

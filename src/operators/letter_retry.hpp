#pragma once
/// Dead letters handed once more to the operators that gave them up.

#include <weir/error.hpp>
#include <weir/runtime/graph.hpp>

#include <cstdint>
#include <string>

namespace weir {

/// What a dead-letter file comes to.
struct retry_counts {
  std::uint64_t records = 0;  ///< are handed to their operators again
  std::uint64_t lines = 0;    ///< of sources: no records, they stay where they are
  std::uint64_t without_bytes =
      0;  ///< of behaviors, but of a timer, of a record that was too large, or of an older release
};

/// Adds a source for every input of an operator that letters of the file are of: a source of one instance, which reads them
/// in their order, with their event times, and ends. Its records are routed as the input's others are. It is timeless: no
/// watermark waits for it. Its name, `count-retry-` and 8 digits, follows from the operator and the file's content, so
/// that a job that goes on from a snapshot takes up the letters of the same file where it was, and those of another anew.
///
/// Every line is checked before anything is added. corrupt_input or invalid_argument names file and line: no letter, an
/// operator or an input that there is not, another record type or schema, a damaged record, an input by broadcast (its
/// record would come to those again that have handled it).
/// Precondition: the graph is checked, and its parallelism is set.
[[nodiscard]] result<retry_counts> add_letter_retry(graph& job, const std::string& path);

}  // namespace weir

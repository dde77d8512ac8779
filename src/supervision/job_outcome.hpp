#pragma once
/// How a job ended.

#include <weir/error.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::supervision {

using shared_words = std::shared_ptr<const std::vector<std::uint64_t>>;

enum class job_end : std::uint8_t {
  finished,   ///< every source ended, every output is final
  failed,     ///< an instance failed and nothing could mend it
  stopped,    ///< told to stop before the end
  suspended,  ///< stopped behind a savepoint, from which it can go on
};

struct job_outcome {
  job_end how = job_end::finished;
  error why{};                          ///< failed: the first error
  std::string instance{};               ///< failed: whose, `storms/3#1`
  std::string record{};                 ///< failed: the record being handled, decoded; may be empty
  std::string capsule{};                ///< failed: where it lies; empty: there is none
  std::vector<shared_words> reports{};  ///< wire::InstanceReport, one per instance, as of its end
  std::string savepoint{};              ///< suspended: where it is
  std::uint32_t savepoints_heard = 0;   ///< how often one was asked for
  bool misses_savepoint = false;        ///< one that was asked for was not taken any more
  shared_words report{};                ///< wire::JobReport as of the end
};

}  // namespace weir::supervision

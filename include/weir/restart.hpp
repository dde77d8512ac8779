#pragma once
/// Restart policies, in Erlang's words.

#include <weir/time.hpp>

#include <chrono>
#include <cstdint>
#include <variant>

namespace weir {

/// Only the instance that failed is restarted. More than `max` failures of it within `within` escalate.
struct one_for_one {
  std::uint32_t max = 5;
  std::chrono::milliseconds within = std::chrono::minutes{1};
  std::chrono::milliseconds backoff =
      std::chrono::milliseconds{10};  ///< before the first restart; doubles with each
  std::chrono::milliseconds backoff_max = std::chrono::seconds{10};
};

/// Every instance of the connected region is restarted when one fails.
struct one_for_all {
  std::uint32_t max = 5;
  std::chrono::milliseconds within = std::chrono::minutes{1};
  std::chrono::milliseconds backoff = std::chrono::milliseconds{10};
  std::chrono::milliseconds backoff_max = std::chrono::seconds{10};
};

using restart_policy = std::variant<one_for_one, one_for_all>;

}  // namespace weir

#pragma once
/// Where replay capsules go.

#include <weir/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::io {

/// Thread-safe: every instance of a job writes to the same one.
class capsule_store {
 public:
  virtual ~capsule_store() = default;
  /// What one capsule may have; a larger one is not worth making.
  [[nodiscard]] virtual std::size_t bytes_max() const = 0;
  /// Keeps a capsule whose name begins with `stem`, `route_board-late-2#1`. Where it is now, for a person. An error
  /// harms nobody.
  [[nodiscard]] virtual result<std::string> keep(const std::string& stem, std::string_view file) = 0;
};

}  // namespace weir::io

#pragma once
/// The size that an instance's rows have on average.

#include <cstddef>

namespace weir::state {

/// Follows the rows that were written and read last.
class row_size {
 public:
  void add(std::size_t bytes) noexcept {
    bytes_ += bytes;
    if (++rows_ < remembered) return;
    bytes_ /= 2;
    rows_ /= 2;
  }
  /// Zero if there was none.
  [[nodiscard]] std::size_t average() const noexcept { return rows_ == 0 ? 0 : bytes_ / rows_; }

 private:
  static constexpr std::size_t remembered = std::size_t{1} << 20;
  std::size_t bytes_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace weir::state

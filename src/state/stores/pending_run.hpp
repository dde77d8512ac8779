#pragma once
/// A run that was handed over and is not written yet.

#include "state/row_run.hpp"

#include <cstdint>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::state {

/// Thread-safe. The first look-up between its first and its last key makes an index: some 50 ns per row.
class pending_run {
 public:
  pending_run(row_run_ptr run, std::uint64_t epoch) : run_{std::move(run)}, epoch_{epoch} {}

  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
  [[nodiscard]] const row_run_ptr& run() const noexcept { return run_; }
  /// False: it has no row in [begin, end).
  [[nodiscard]] bool overlaps(std::string_view begin, std::string_view end) const;
  /// Null if the run says nothing about this key.
  [[nodiscard]] const row_run::row* find(std::string_view key) const;

 private:
  struct place {
    std::uint32_t tag = 0;
    std::uint32_t row = 0;  ///< counted from one; zero: free
  };

  void find_ends() const;
  void make_index() const;

  row_run_ptr run_;
  std::uint64_t epoch_;
  mutable std::once_flag has_ends_;
  mutable std::string_view first_;
  mutable std::string_view last_;
  mutable std::once_flag is_indexed_;
  mutable std::vector<place> places_;  ///< linear probing; a power of two, at least half of them free
};

}  // namespace weir::state

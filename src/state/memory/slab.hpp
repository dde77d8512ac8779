#pragma once
/// Memory for entries and timers: many small blocks of few sizes.

#include "state/memory/memory_run.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace weir::state {

/// Hands out blocks and takes them back; keeps all memory until it is destroyed. Blocks allocated one after another lie
/// side by side. Cost: a few instructions; a block larger than block_bytes_max goes to the heap.
/// The owner must release those large blocks, the others end with the slab.
class slab {
 public:
  static constexpr std::size_t classes = 64;

  /// All blocks are aligned to `granule` and rounded up to a multiple of it. Precondition: a power of two, and nothing
  /// is allocated.
  void set_granule(std::size_t granule) noexcept { granule_ = granule; }
  [[nodiscard]] bool is_unused() const noexcept { return bytes_ == 0; }

  [[nodiscard]] void* allocate(std::size_t bytes);
  /// `bytes` as given to allocate().
  void release(void* block, std::size_t bytes) noexcept;

  /// Taken from the heap, without the run that is made ready.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// In blocks that were handed out and not taken back.
  [[nodiscard]] std::size_t live_bytes() const noexcept { return live_bytes_; }

 private:
  struct idle_block {
    idle_block* next = nullptr;
  };

  [[nodiscard]] void* carve(std::size_t rounded);
  [[nodiscard]] std::size_t block_bytes_max() const noexcept { return (classes - 1) * granule_; }

  std::size_t granule_ = 16;
  std::size_t bytes_ = 0;
  std::size_t live_bytes_ = 0;
  std::byte* unused_ = nullptr;  ///< the part of the last run that was never handed out
  std::byte* unused_end_ = nullptr;
  std::array<idle_block*, classes> idle_{};  ///< by rounded size / granule
  std::vector<memory_run> runs_;
  memory_run next_;  ///< made ready while the last one is handed out, once they are huge pages
};

}  // namespace weir::state

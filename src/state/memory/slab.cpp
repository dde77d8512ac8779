#include "state/memory/slab.hpp"

#include <algorithm>
#include <new>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace weir::state {
namespace {

constexpr std::size_t run_bytes_min = std::size_t{8} << 10;

/// Idle blocks belong to nobody: AddressSanitizer is told, so that it sees an entry used after its end.
void forbid([[maybe_unused]] void* begin, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__SANITIZE_ADDRESS__)
  __asan_poison_memory_region(begin, bytes);
#endif
}

void permit([[maybe_unused]] void* begin, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(begin, bytes);
#endif
}

constexpr std::size_t round_up(std::size_t bytes, std::size_t multiple) noexcept {
  return (bytes + multiple - 1) & ~(multiple - 1);
}

}  // namespace

void* slab::allocate(std::size_t bytes) {
  const auto rounded = round_up(bytes, granule_);
  live_bytes_ += rounded;
  if (rounded > block_bytes_max()) {
    void* block = ::operator new(rounded, std::align_val_t{granule_});
    bytes_ += rounded;
    return block;
  }
  auto*& idle = idle_[rounded / granule_];
  if (idle == nullptr) return carve(rounded);
  auto* block = idle;
  permit(block, rounded);
  idle = block->next;
  return block;
}

void slab::release(void* block, std::size_t bytes) noexcept {
  const auto rounded = round_up(bytes, granule_);
  live_bytes_ -= rounded;
  if (rounded > block_bytes_max()) {
    ::operator delete(block, std::align_val_t{granule_});
    bytes_ -= rounded;
    return;
  }
  auto*& idle = idle_[rounded / granule_];
  idle = ::new (block) idle_block{idle};
  forbid(block, rounded);
}

void* slab::carve(std::size_t rounded) {
  if (static_cast<std::size_t>(unused_end_ - unused_) < rounded) {
    // Each run as large as all before it: little memory for few keys, huge pages for many.
    const auto wanted = std::clamp(bytes_, std::max(run_bytes_min, rounded), huge_page_bytes);
    const auto is_ready = next_.bytes() >= rounded;
    const auto& run =
        runs_.emplace_back(is_ready ? std::move(next_) : memory_run{round_up(wanted, granule_)});
    bytes_ += run.bytes();
    if (run.bytes() == huge_page_bytes) {
      next_ = memory_run{huge_page_bytes};
      next_.make_ready();
    }
    unused_ = run.begin();
    unused_end_ = unused_ + run.bytes();
    forbid(unused_, run.bytes());
  }
  auto* block = unused_;
  unused_ += rounded;
  permit(block, rounded);
  return block;
}

}  // namespace weir::state

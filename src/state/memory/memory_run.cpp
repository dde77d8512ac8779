#include "state/memory/memory_run.hpp"

#include "state/memory/page_maker.hpp"

#include <cstdint>
#include <cstring>
#include <new>
#include <sys/mman.h>
#include <utility>

namespace weir::state {
namespace {

constexpr std::size_t line_bytes = 64;

std::align_val_t alignment_of(std::size_t bytes) noexcept {
  return std::align_val_t{bytes >= huge_page_bytes ? huge_page_bytes : line_bytes};
}

/// Aligned to a huge page: what is too much at both ends is given back. Precondition: `bytes` is whole pages.
std::byte* map_zeros(std::size_t bytes) {
  void* mapped =
      ::mmap(nullptr, bytes + huge_page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc{};
  auto* const first = static_cast<std::byte*>(mapped);
  const auto front = -reinterpret_cast<std::uintptr_t>(first) % huge_page_bytes;
  if (front > 0) (void)::munmap(first, front);
  if (front < huge_page_bytes) (void)::munmap(first + front + bytes, huge_page_bytes - front);
  return first + front;
}

}  // namespace

void prefer_huge_pages(void* memory, std::size_t bytes) noexcept {
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const auto first = (begin + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes;
  const auto last = (begin + bytes) / huge_page_bytes * huge_page_bytes;
  if (first < last) (void)::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

memory_run::memory_run(std::size_t bytes, content filled) {
  if (bytes >= huge_page_bytes && filled == content::zero) {
    memory_ = {map_zeros(bytes), release{bytes, true, false}};
  } else {
    memory_ = {static_cast<std::byte*>(::operator new[](bytes, alignment_of(bytes))),
               release{bytes, false, false}};
    if (filled == content::zero) std::memset(memory_.get(), 0, bytes);
  }
  // Only advice: without huge pages everything works, slower.
  if (bytes >= huge_page_bytes) (void)::madvise(memory_.get(), bytes, MADV_HUGEPAGE);
}

void memory_run::make_ready() {
  const auto whole = bytes() / huge_page_bytes * huge_page_bytes;
  if (whole == 0 || std::exchange(memory_.get_deleter().is_made_ready, true)) return;
  page_maker::of_process().make(begin(), whole);
}

void memory_run::release::operator()(std::byte* memory) const noexcept {
  if (is_made_ready) page_maker::of_process().forget(memory);
  if (is_mapped)
    (void)::munmap(memory, bytes);
  else
    ::operator delete[](memory, alignment_of(bytes));
}

}  // namespace weir::state

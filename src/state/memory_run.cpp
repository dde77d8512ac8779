#include "state/memory_run.hpp"

#include <cstdint>
#include <new>
#include <sys/mman.h>

namespace weir::state {
namespace {

constexpr std::size_t line_bytes = 64;

std::align_val_t alignment_of(std::size_t bytes) noexcept {
  return std::align_val_t{bytes >= huge_page_bytes ? huge_page_bytes : line_bytes};
}

}  // namespace

void prefer_huge_pages(void* memory, std::size_t bytes) noexcept {
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const auto first = (begin + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes;
  const auto last = (begin + bytes) / huge_page_bytes * huge_page_bytes;
  if (first < last) (void)::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

memory_run::memory_run(std::size_t bytes)
    : memory_{static_cast<std::byte*>(::operator new[](bytes, alignment_of(bytes))), release{bytes}} {
  // Only advice: without huge pages everything works, slower.
  if (bytes >= huge_page_bytes) (void)::madvise(memory_.get(), bytes, MADV_HUGEPAGE);
}

void memory_run::release::operator()(std::byte* memory) const noexcept {
  ::operator delete[](memory, alignment_of(bytes));
}

}  // namespace weir::state

#include "state/memory/page_maker.hpp"

#include "state/memory/memory_run.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <sys/mman.h>
#include <thread>
#include <vector>

using weir::state::huge_page_bytes;
using weir::state::memory_run;
using weir::state::page_maker;

namespace {

constexpr std::size_t page_bytes = 4'096;

/// The kernel has MADV_POPULATE_WRITE.
bool can_make_pages() {
  const memory_run run{huge_page_bytes, memory_run::content::zero};
  return ::madvise(run.begin(), huge_page_bytes, MADV_POPULATE_WRITE) == 0;
}

std::size_t pages_in_memory(const memory_run& run) {
  std::vector<unsigned char> is_there(run.bytes() / page_bytes);
  REQUIRE(::mincore(run.begin(), run.bytes(), is_there.data()) == 0);
  return static_cast<std::size_t>(
      std::count_if(is_there.begin(), is_there.end(), [](auto there) { return (there & 1U) != 0; }));
}

}  // namespace

TEST_CASE("page maker: memory that is made ready comes without being touched") {
  if (!can_make_pages()) return;
  memory_run run{4 * huge_page_bytes, memory_run::content::zero};
  CHECK(pages_in_memory(run) == 0);
  run.make_ready();
  while (pages_in_memory(run) < run.bytes() / page_bytes) std::this_thread::yield();
}

TEST_CASE("page maker: content stays, and is written meanwhile") {
  memory_run run{8 * huge_page_bytes, memory_run::content::zero};
  std::memset(run.begin(), 7, huge_page_bytes);
  run.make_ready();
  run.make_ready();  // once is enough
  for (std::size_t at = 0; at < run.bytes(); at += page_bytes) run.begin()[at] = std::byte{9};
  for (std::size_t at = 0; at < run.bytes(); ++at) {
    const auto expected = at % page_bytes == 0 ? 9 : at < huge_page_bytes ? 7 : 0;
    if (run.begin()[at] != std::byte(expected)) FAIL("byte " << at);
  }
}

TEST_CASE("page maker: memory goes while its pages are made") {
  for (int round = 0; round < 50; ++round) {
    memory_run runs[] = {memory_run{2 * huge_page_bytes, memory_run::content::zero},
                         memory_run{huge_page_bytes}, memory_run{100}};
    for (auto& run : runs) run.make_ready();
  }
}

TEST_CASE("page maker: ends amid its work") {
  const memory_run run{8 * huge_page_bytes, memory_run::content::zero};
  page_maker maker;
  maker.make(run.begin(), run.bytes());
  maker.make(run.begin(), huge_page_bytes);
}

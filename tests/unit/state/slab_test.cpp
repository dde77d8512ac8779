#include "state/memory/slab.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>

using weir::state::slab;

TEST_CASE("slab: gives a block of the same size again") {
  slab memory;
  CHECK(memory.is_unused());
  auto* const first = memory.allocate(40);
  const auto bytes = memory.bytes();
  CHECK(bytes > 0);
  memory.release(first, 40);
  CHECK(memory.allocate(48) == first);
  CHECK(memory.bytes() == bytes);
}

TEST_CASE("slab: a block larger than its largest size comes from the heap and goes back") {
  slab memory;
  memory.set_granule(64);
  auto* const large = memory.allocate(100'000);
  CHECK(reinterpret_cast<std::uintptr_t>(large) % 64 == 0);
  std::memset(large, 1, 100'000);
  CHECK(memory.bytes() >= 100'000);
  memory.release(large, 100'000);
  CHECK(memory.bytes() == 0);
}

TEST_CASE("slab: many blocks take little more than they hold") {
  slab memory;
  for (int i = 0; i < 50'000; ++i) std::memset(memory.allocate(112), 1, 112);
  CHECK(memory.bytes() < std::size_t{50'000} * 112 * 2);
}

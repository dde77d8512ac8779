#include <weir/runtime/buffer.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

namespace {

bool is_zero(const weir::buffer_pool::block& block) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(block.begin);
  return std::all_of(bytes, bytes + block.words * sizeof(capnp::word),
                     [](unsigned char byte) { return byte == 0; });
}

void scribble(const weir::buffer_pool::block& block, std::size_t words) {
  std::memset(static_cast<void*>(block.begin), 0xab, words * sizeof(capnp::word));
}

}  // namespace

TEST_CASE("buffer_pool: blocks are zeroed and at least as large as wanted") {
  weir::buffer_pool pool;
  for (const std::size_t wanted : {0UL, 1UL, 63UL, 64UL, 65UL, 1'000UL, 4'096UL, 4'097UL}) {
    const auto block = pool.acquire(wanted);
    CHECK(block.words >= std::max<std::size_t>(wanted, 1));
    CHECK(block.words < std::max<std::size_t>(wanted, 64) * 2);
    CHECK(is_zero(block));
    pool.release(block, 0);
  }
}

TEST_CASE("buffer_pool: a recycled block is zeroed where it was used") {
  weir::buffer_pool pool;
  const auto first = pool.acquire(100);
  scribble(first, 70);
  pool.release(first, 70);
  CHECK(pool.idle_bytes() == first.words * sizeof(capnp::word));
  const auto second = pool.acquire(first.words);
  CHECK(second.begin == first.begin);
  CHECK(is_zero(second));
  CHECK(pool.idle_bytes() == 0);
  pool.release(second, second.words);
}

TEST_CASE("buffer_pool: idle memory is bounded") {
  constexpr std::size_t limit = 64 * 1'024;
  weir::buffer_pool pool{limit};
  std::vector<weir::buffer_pool::block> blocks;
  blocks.reserve(40);
  for (int i = 0; i < 40; ++i) blocks.push_back(pool.acquire(512));
  for (const auto& block : blocks) {
    pool.release(block, 0);
    CHECK(pool.idle_bytes() <= limit);
  }
  CHECK(pool.idle_bytes() == limit);
}

TEST_CASE("buffer_pool: a block larger than all idle memory is not kept") {
  weir::buffer_pool pool{1'024};
  pool.release(pool.acquire(100'000), 0);
  CHECK(pool.idle_bytes() == 0);
}

TEST_CASE("buffer_pool: memory that no machine has is an exception") {
  weir::buffer_pool pool;
  CHECK_THROWS_AS(pool.acquire(std::size_t{1} << 60U), std::bad_alloc);
}

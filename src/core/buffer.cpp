#include <weir/runtime/buffer.hpp>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

namespace weir {
namespace {

constexpr std::size_t words_floor = 64;

std::size_t class_of(std::size_t words) { return static_cast<std::size_t>(std::bit_width(words - 1)); }

}  // namespace

buffer_pool::buffer_pool(std::size_t idle_bytes_max) : idle_bytes_max_{idle_bytes_max} {}

buffer_pool::~buffer_pool() {
  for (auto& blocks : idle_)
    for (auto& entry : blocks) std::free(entry.memory.begin);
}

buffer_pool::block buffer_pool::acquire(std::size_t words_min) {
  const auto wanted = class_of(words_min < words_floor ? words_floor : words_min);
  if (wanted >= classes) throw std::bad_alloc{};
  idle_block recycled;
  {
    const std::lock_guard lock{mutex_};
    auto& blocks = idle_[wanted];
    if (!blocks.empty()) {
      recycled = blocks.back();
      blocks.pop_back();
      idle_bytes_ -= recycled.memory.words * sizeof(capnp::word);
    }
  }
  if (recycled.memory.begin != nullptr) {
    std::memset(static_cast<void*>(recycled.memory.begin), 0, recycled.words_used * sizeof(capnp::word));
    return recycled.memory;
  }
  const auto words = std::size_t{1} << wanted;
  auto* memory = static_cast<capnp::word*>(std::calloc(words, sizeof(capnp::word)));
  if (memory == nullptr) throw std::bad_alloc{};
  return {memory, words};
}

void buffer_pool::release(block returned, std::size_t words_used) noexcept {
  const auto bytes = returned.words * sizeof(capnp::word);
  try {
    const std::lock_guard lock{mutex_};
    if (idle_bytes_ + bytes <= idle_bytes_max_) {
      idle_[class_of(returned.words)].push_back({returned, words_used});
      idle_bytes_ += bytes;
      return;
    }
  } catch (const std::bad_alloc&) {
    // no room to remember the block: give it back to the system instead
  }
  std::free(returned.begin);
}

std::size_t buffer_pool::idle_bytes() const {
  const std::lock_guard lock{mutex_};
  return idle_bytes_;
}

}  // namespace weir

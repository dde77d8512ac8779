#pragma once
/// Memory for batches: recycled, zeroed, bounded.

#include <capnp/common.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace weir {

/// Where batches take their memory from and give it back to. Size classes are powers of two.
/// Thread-safe; one per process. Invariant: the idle memory it keeps never exceeds idle_bytes_max.
class buffer_pool {
 public:
  static constexpr std::size_t default_idle_bytes_max = std::size_t{32} << 20;

  explicit buffer_pool(std::size_t idle_bytes_max = default_idle_bytes_max);
  ~buffer_pool();
  buffer_pool(const buffer_pool&) = delete;
  buffer_pool& operator=(const buffer_pool&) = delete;

  /// A zeroed run of at least `words_min` words; `words` is its real size.
  struct block {
    capnp::word* begin = nullptr;
    std::size_t words = 0;
  };
  [[nodiscard]] block acquire(std::size_t words_min);

  /// Takes a block back; its first `words_used` words may hold anything, the rest must still be zero.
  void release(block returned, std::size_t words_used) noexcept;

  [[nodiscard]] std::size_t idle_bytes() const;

 private:
  static constexpr std::size_t classes = 40;
  struct idle_block {
    block memory;
    std::size_t words_used = 0;
  };

  mutable std::mutex mutex_;
  std::vector<idle_block> idle_[classes];
  std::size_t idle_bytes_ = 0;
  std::size_t idle_bytes_max_;
};

}  // namespace weir

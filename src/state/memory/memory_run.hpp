#pragma once
/// A run of raw memory, on huge pages where it is large enough.

#include <cstddef>
#include <cstdint>
#include <memory>

namespace weir::state {

/// Random access to a large table costs a page walk per access on small pages, so runs of this size and more are
/// aligned to it and ask for huge pages.
inline constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;

/// Asks for huge pages for what of them lies in `memory`: to write to fresh memory costs half a microsecond per small
/// page. Only advice.
void prefer_huge_pages(void* memory, std::size_t bytes) noexcept;

/// Owns its memory. Aligned to a cache line at least.
class memory_run {
 public:
  enum class content : std::uint8_t {
    none,  ///< not initialised
    zero,  ///< of a large run, only what is touched costs
  };

  memory_run() = default;
  explicit memory_run(std::size_t bytes, content filled = content::none);

  /// It will be written soon: its huge pages are made beside the caller from now on. Costs a lock.
  void make_ready();

  [[nodiscard]] std::byte* begin() const noexcept { return memory_.get(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return memory_.get_deleter().bytes; }

 private:
  struct release {
    std::size_t bytes;
    bool is_mapped;
    bool is_made_ready;
    void operator()(std::byte* memory) const noexcept;
  };
  std::unique_ptr<std::byte[], release> memory_;
};

}  // namespace weir::state

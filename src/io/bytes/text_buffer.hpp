#pragma once
/// Text under construction: a growing buffer that is written to through a pointer.

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace weir::io {

/// Keeps its memory when it is cleared. Confined to its owner.
class text_buffer {
 public:
  /// Room for `bytes` behind what there is; end it with advance_to().
  [[nodiscard]] char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) grow(bytes);
    return memory_.get() + size_;
  }
  /// `end` is behind the last character written into the room.
  void advance_to(const char* end) noexcept { size_ = static_cast<std::size_t>(end - memory_.get()); }

  void append(std::string_view text) {
    if (text.empty()) return;
    char* const to = room(text.size());
    std::memcpy(to, text.data(), text.size());
    size_ += text.size();
  }
  void append(char c) {
    *room(1) = c;
    ++size_;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::string_view view() const noexcept { return {memory_.get(), size_}; }
  /// Precondition: size <= size().
  void truncate(std::size_t size) noexcept { size_ = size; }
  void clear() noexcept { size_ = 0; }

 private:
  void grow(std::size_t bytes) {
    constexpr std::size_t capacity_min = 4'096;
    std::size_t capacity = capacity_ < capacity_min ? capacity_min : capacity_ * 2;
    if (capacity < size_ + bytes) capacity = size_ + bytes;
    auto memory = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(memory.get(), memory_.get(), size_);
    memory_ = std::move(memory);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace weir::io

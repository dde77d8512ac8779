#pragma once
/// Values as bytes, little-endian: what state rows, capsules and bookmarks are made of.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir {

static_assert(std::endian::native == std::endian::little, "weir: numbers are kept as they lie in memory");

/// A type whose bytes are its value, whatever the machine.
template <class T>
concept fixed_width = (std::is_arithmetic_v<T> || std::is_enum_v<T>)&&!std::is_same_v<T, long double>;

/// Appends to a string that it does not own.
class byte_writer {
 public:
  explicit byte_writer(std::string& to) : to_{to} {}

  template <fixed_width T>
  void put(T number) {
    put_bytes({reinterpret_cast<const char*>(&number), sizeof number});
  }
  /// LEB128: seven bits per byte, the low ones first.
  void put_count(std::uint64_t count) {
    for (; count >= 0x80; count >>= 7U) to_.push_back(static_cast<char>(count | 0x80U));
    to_.push_back(static_cast<char>(count));
  }
  void put_bytes(std::string_view bytes) { to_.append(bytes); }
  /// Their count first.
  void put_text(std::string_view text) {
    put_count(text.size());
    put_bytes(text);
  }
  [[nodiscard]] std::size_t size() const noexcept { return to_.size(); }

 private:
  std::string& to_;
};

/// Reads what a byte_writer wrote. Bytes come from disk, so they may be anything: what does not fit marks the reader as
/// failed, everything read from then on is zero or empty, and nothing is allocated that the bytes do not hold.
class byte_reader {
 public:
  explicit byte_reader(std::string_view from) : left_{from} {}

  template <fixed_width T>
  [[nodiscard]] T take() noexcept {
    T number{};
    const auto bytes = take_bytes(sizeof number);
    if (bytes.size() == sizeof number) std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  }
  [[nodiscard]] std::uint64_t take_count() noexcept {
    std::uint64_t count = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(take<char>());
      count |= std::uint64_t{byte & 0x7fU} << shift;
      if ((byte & 0x80U) == 0) return count;
    }
    fail();
    return 0;
  }
  /// A count of things of which each takes at least `bytes_each` bytes: more than can follow is a failure.
  [[nodiscard]] std::size_t take_count_of(std::size_t bytes_each) noexcept {
    const auto count = take_count();
    if (count <= left_.size() / (bytes_each == 0 ? 1 : bytes_each)) return static_cast<std::size_t>(count);
    fail();
    return 0;
  }
  [[nodiscard]] std::string_view take_bytes(std::size_t bytes) noexcept {
    if (bytes > left_.size()) {
      fail();
      return {};
    }
    const auto taken = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return taken;
  }
  [[nodiscard]] std::string_view take_text() noexcept { return take_bytes(take_count_of(1)); }

  void fail() noexcept {
    failed_ = true;
    left_ = {};
  }
  [[nodiscard]] bool has_failed() const noexcept { return failed_; }
  [[nodiscard]] std::string_view left() const noexcept { return left_; }
  /// All bytes were read, and all fitted.
  [[nodiscard]] bool is_done() const noexcept { return !failed_ && left_.empty(); }

 private:
  std::string_view left_;
  bool failed_ = false;
};

}  // namespace weir

#pragma once
/// Rows of state on their way into the store.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::state {

/// What an instance changed in one epoch: rows written and rows erased, each key at most once, in no order. Filled by
/// its instance, immutable once it is shared.
class row_run {
 public:
  struct row {
    std::uint64_t at = 0;  ///< of the key in the bytes; the value follows it
    std::uint32_t key_bytes = 0;
    std::uint32_t value_bytes = 0;
    bool is_erased = false;
  };

  void reserve(std::size_t rows, std::size_t bytes) {
    rows_.reserve(rows);
    bytes_.reserve(bytes);
  }
  /// Where the next row's key and value are to be appended; end it with end_row() or erase_row().
  [[nodiscard]] std::string& bytes() noexcept { return bytes_; }
  /// The row began at `at` with a key of `key_bytes`; everything behind it is its value.
  void end_row(std::size_t at, std::size_t key_bytes) {
    rows_.push_back({at, static_cast<std::uint32_t>(key_bytes),
                     static_cast<std::uint32_t>(bytes_.size() - at - key_bytes), false});
  }
  /// The row began at `at` and is its key only: whatever the store has under it goes.
  void erase_row(std::size_t at) {
    rows_.push_back({at, static_cast<std::uint32_t>(bytes_.size() - at), 0, true});
  }

  /// Whose it is, and whether these are all rows that its owner has: nothing of its earlier runs counts then.
  void set_owner(std::string owner, bool is_whole) {
    owner_ = std::move(owner);
    is_whole_ = is_whole;
  }
  [[nodiscard]] const std::string& owner() const noexcept { return owner_; }
  [[nodiscard]] bool is_whole() const noexcept { return is_whole_; }

  [[nodiscard]] const std::vector<row>& rows() const noexcept { return rows_; }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  [[nodiscard]] std::string_view key(const row& r) const noexcept {
    return std::string_view{bytes_}.substr(r.at, r.key_bytes);
  }
  [[nodiscard]] std::string_view value(const row& r) const noexcept {
    return std::string_view{bytes_}.substr(r.at + r.key_bytes, r.value_bytes);
  }
  [[nodiscard]] std::size_t size_bytes() const noexcept {
    return bytes_.capacity() + rows_.capacity() * sizeof(row);
  }

 private:
  std::string bytes_;
  std::vector<row> rows_;
  std::string owner_;
  bool is_whole_ = false;
};

using row_run_ptr = std::shared_ptr<const row_run>;

}  // namespace weir::state

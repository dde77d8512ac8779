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
/// its instance, immutable once it is shared. Lies in pieces: what is in it stays where it is while it grows.
class row_run {
 public:
  struct row {
    std::uint64_t at = 0;  ///< of the key in its piece; the value follows it
    std::uint32_t piece = 0;
    std::uint32_t key_bytes = 0;
    std::uint32_t value_bytes = 0;
    bool is_erased = false;
  };
  /// How much there is.
  struct mark {
    std::size_t rows = 0;
    std::size_t pieces = 0;
    std::size_t bytes = 0;  ///< in the last piece
  };
  static constexpr std::size_t piece_bytes = std::size_t{4} << 20;

  row_run() { pieces_.emplace_back(); }

  /// `bytes`: of all rows, roughly.
  void reserve(std::size_t rows, std::size_t bytes) {
    rows_.reserve(rows);
    left_bytes_ = bytes;
    if (bytes > 0) begin_piece();
  }
  /// A row begins: its key and value are to be appended, and end_row() or erase_row() called.
  [[nodiscard]] std::string& begin_row() {
    if (pieces_.back().size() >= piece_bytes) {
      pieces_.emplace_back();
      begin_piece();
    }
    return pieces_.back();
  }
  /// Of the rows that began last.
  [[nodiscard]] std::string& bytes() noexcept { return pieces_.back(); }
  /// The row began at `at` with a key of `key_bytes`; everything behind it is its value.
  void end_row(std::size_t at, std::size_t key_bytes) {
    rows_.push_back({at, last_piece(), static_cast<std::uint32_t>(key_bytes),
                     static_cast<std::uint32_t>(bytes().size() - at - key_bytes), false});
  }
  /// The row began at `at` and is its key only: whatever the store has under it goes.
  void erase_row(std::size_t at) {
    rows_.push_back({at, last_piece(), static_cast<std::uint32_t>(bytes().size() - at), 0, true});
  }
  [[nodiscard]] mark here() const noexcept { return {rows_.size(), pieces_.size(), pieces_.back().size()}; }
  /// What came behind it goes.
  void cut_back(const mark& to) {
    rows_.resize(to.rows);
    pieces_.resize(to.pieces);
    pieces_.back().resize(to.bytes);
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
    return std::string_view{pieces_[r.piece]}.substr(r.at, r.key_bytes);
  }
  [[nodiscard]] std::string_view value(const row& r) const noexcept {
    return std::string_view{pieces_[r.piece]}.substr(r.at + r.key_bytes, r.value_bytes);
  }
  [[nodiscard]] std::size_t size_bytes() const noexcept {
    auto bytes = rows_.capacity() * sizeof(row);
    for (const auto& piece : pieces_) bytes += piece.capacity();
    return bytes;
  }

 private:
  [[nodiscard]] std::uint32_t last_piece() const noexcept {
    return static_cast<std::uint32_t>(pieces_.size() - 1);
  }
  void begin_piece();

  std::vector<std::string> pieces_;  ///< at least one
  std::size_t left_bytes_ = 0;       ///< expected
  std::vector<row> rows_;
  std::string owner_;
  bool is_whole_ = false;
};

using row_run_ptr = std::shared_ptr<const row_run>;

}  // namespace weir::state

#pragma once
/// One CSV row split into its fields (RFC 4180).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::io {

/// Reused from row to row. Confined to its owner.
class csv_row {
 public:
  enum class state : std::uint8_t {
    complete,
    open,       ///< the row ends inside quotes: more lines belong to it
    malformed,  ///< defect() says why
  };

  explicit csv_row(char separator) noexcept : separator_{separator} {}

  /// Splits `text`, which must stay alive as long as the fields are used.
  state split(std::string_view text);

  /// Views into the text, or into memory of the row's where quotes were doubled.
  [[nodiscard]] const std::vector<std::string_view>& fields() const noexcept { return fields_; }
  [[nodiscard]] const std::string& defect() const noexcept { return defect_; }

 private:
  bool split_unquoted(std::string_view text);
  state split_quoted(std::string_view text);
  state take_quoted(std::string_view text, std::size_t& at);
  state take_unquoted(std::string_view text, std::size_t& at);
  state malformed(std::string_view what, std::size_t at);

  char separator_;
  std::vector<std::string_view> fields_;
  std::string unescaped_;
  std::string defect_;
};

}  // namespace weir::io

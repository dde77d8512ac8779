#pragma once
/// The smallest pieces of JSON.

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::state {

/// Where JSON is collected, up to a limit.
struct json_text {
  std::string text;
  std::size_t bytes_max = 0;

  [[nodiscard]] bool is_full() const noexcept { return text.size() > bytes_max; }
};

/// In quotes. What is not UTF-8 becomes U+FFFD.
void append_quoted(std::string& to, std::string_view text);
/// In quotes, two digits per byte.
void append_hex(std::string& to, std::string_view bytes);
/// Shortest that reads back the same; "NaN", "Infinity" and "-Infinity" in quotes.
void append_number(std::string& to, double number);
void append_number(std::string& to, float number);
void append_number(std::string& to, std::int64_t number);
void append_number(std::string& to, std::uint64_t number);

}  // namespace weir::state

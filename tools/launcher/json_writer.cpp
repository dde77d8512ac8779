#include "launcher/json_writer.hpp"

#include "io/formats/json_text.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace weir::launcher {

json_writer& json_writer::key(std::string_view name) {
  separate();
  io::append_json_string_repaired(text_, name);
  text_.append(':');
  needs_comma_ = false;
  return *this;
}

json_writer& json_writer::value(std::string_view text) {
  separate();
  io::append_json_string_repaired(text_, text);
  return *this;
}

json_writer& json_writer::value(std::uint64_t number) {
  separate();
  text_.append(std::to_string(number));
  return *this;
}

json_writer& json_writer::value(double number) {
  separate();
  if (!std::isfinite(number)) {
    text_.append("null");
    return *this;
  }
  std::array<char, 512> digits{};
  const auto size = std::snprintf(digits.data(), digits.size(), "%.6f", number);
  std::string_view text{digits.data(), static_cast<std::size_t>(size)};
  text = text.substr(0, text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.remove_suffix(1);
  text_.append(text);
  return *this;
}

json_writer& json_writer::open(char bracket) {
  separate();
  text_.append(bracket);
  needs_comma_ = false;
  return *this;
}

json_writer& json_writer::close(char bracket) {
  text_.append(bracket);
  needs_comma_ = true;
  return *this;
}

void json_writer::separate() {
  if (needs_comma_) text_.append(',');
  needs_comma_ = true;
}

}  // namespace weir::launcher

#include "launcher/readable.hpp"

#include "core/iso_8601.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace weir::launcher {
namespace {

/// Three digits: `1.24`, `12.4`, `124`.
std::string three_digits(double value) {
  std::array<char, 32> text{};
  const int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  const auto size = std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string scaled(double value, std::string_view unit) {
  constexpr std::array<std::string_view, 6> prefixes{"", "k", "M", "G", "T", "P"};
  value = std::max(value, 0.0);
  std::size_t prefix = 0;
  while (value >= 999.5 && prefix + 1 < prefixes.size()) {
    value /= 1000;
    ++prefix;
  }
  auto text = prefix == 0 && (value == std::floor(value) || value >= 99.95)
                  ? std::to_string(std::llround(value))
                  : three_digits(value);
  if (prefix > 0 || !unit.empty()) text += ' ';
  return text.append(prefixes[prefix]).append(unit);
}

std::string two_parts(std::int64_t high, char high_unit, std::int64_t low, char low_unit) {
  std::array<char, 48> text{};
  const auto size = std::snprintf(text.data(), text.size(), "%lld%c%02lld%c", static_cast<long long>(high),
                                  high_unit, static_cast<long long>(low), low_unit);
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::string readable_count(double value) { return scaled(value, ""); }
std::string readable_bytes(double bytes) { return scaled(bytes, "B"); }

std::string grouped(std::uint64_t value) {
  auto text = std::to_string(value);
  for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3)
    text.insert(static_cast<std::size_t>(place), 1, ',');
  return text;
}

std::string readable_duration(duration time) {
  const auto seconds = static_cast<double>(std::max<std::int64_t>(time.count(), 0)) / 1e6;
  if (seconds < 59.95) return three_digits(seconds) + " s";
  const auto whole = std::llround(seconds);
  if (whole < 3600) return two_parts(whole / 60, 'm', whole % 60, 's');
  const auto minutes = std::llround(seconds / 60);
  if (minutes < 24 * 60) return two_parts(minutes / 60, 'h', minutes % 60, 'm');
  const auto hours = std::llround(seconds / 3600);
  return two_parts(hours / 24, 'd', hours % 24, 'h');
}

std::string readable_share(double share) {
  share = std::clamp(share, 0.0, 1.0);
  const auto percent = std::lround(share * 100);
  if (percent == 0 && share > 0.0005) return "<1%";
  if (percent == 100 && share < 1) return ">99%";
  return std::to_string(percent) + "%";
}

std::string readable_watermark(std::int64_t watermark_us) {
  if (watermark_us == time_min_us) return "-";
  if (watermark_us == time_max_us) return "end";
  const bool is_whole = watermark_us % 1'000'000 == 0;
  return iso_8601::to_text(from_micros(watermark_us, is_whole ? time_unit::seconds : time_unit::millis),
                           is_whole ? time_unit::seconds : time_unit::millis);
}

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string made;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f)
      made += c;
    else
      made.append("\\x").append({digits[byte >> 4U], digits[byte & 0xFU]});
  }
  return made;
}

}  // namespace weir::launcher

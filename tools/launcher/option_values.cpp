#include "launcher/option_values.hpp"

#include <weir/key.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace weir::launcher {
namespace {

error not_a(std::string_view text, std::string_view takes) {
  std::string message{"'"};
  message.append(text).append("' is not ").append(takes);
  return {errc::invalid_argument, std::move(message)};
}

/// Reads an unsigned number from the front of `text` and takes it off. False: there is none, or it is too large.
bool take_digits(std::string_view& text, std::uint64_t& value) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array duration_units{
    unit{"us", 1},         unit{"ms", 1'000},        unit{"s", 1'000'000},      unit{"min", 60'000'000},
    unit{"m", 60'000'000}, unit{"h", 3'600'000'000}, unit{"d", 86'400'000'000},
};

constexpr std::array byte_units{
    unit{"B", 1},
    unit{"kB", 1'000},
    unit{"KB", 1'000},
    unit{"MB", 1'000'000},
    unit{"GB", 1'000'000'000},
    unit{"KiB", std::uint64_t{1} << 10},
    unit{"MiB", std::uint64_t{1} << 20},
    unit{"GiB", std::uint64_t{1} << 30},
};

template <std::size_t N>
const unit* find_unit(const std::array<unit, N>& units, std::string_view name) {
  for (const auto& candidate : units)
    if (candidate.name == name) return &candidate;
  return nullptr;
}

constexpr std::uint64_t duration_max_us = 3'650'000ULL * 86'400'000'000;  // far below the end of 63 bits

}  // namespace

result<std::int64_t> parse_number(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc::result_out_of_range && end == text.data() + text.size())
    return not_a(text, "a number of 64 bits");
  if (code != std::errc{} || end != text.data() + text.size()) return not_a(text, "a whole number");
  if (value >= least && value <= most) return value;
  if (most == std::numeric_limits<std::int64_t>::max())
    return error{errc::invalid_argument,
                 std::string{text} + " is too small: it must be at least " + std::to_string(least)};
  return error{errc::invalid_argument, std::string{text} + " is out of range: it must be from " +
                                           std::to_string(least) + " to " + std::to_string(most)};
}

result<std::uint64_t> parse_unsigned(std::string_view text) {
  auto rest = text;
  std::uint64_t value = 0;
  if (!take_digits(rest, value) || !rest.empty()) return not_a(text, "a whole number from 0 to 2^64-1");
  return value;
}

result<double> parse_decimal(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return not_a(text, "a decimal number such as 0.75");
  return value;
}

result<duration> parse_duration(std::string_view text) {
  constexpr std::string_view takes = "a length of time such as 500ms, 60s, 15m, 6h, 1d or 1h30m";
  if (text == "0") return duration{0};
  std::uint64_t total_us = 0;
  auto rest = text;
  if (rest.empty()) return not_a(text, takes);
  while (!rest.empty()) {
    std::uint64_t count = 0;
    if (!take_digits(rest, count)) return not_a(text, takes);
    const auto name = rest.substr(0, rest.find_first_of("0123456789"));
    const auto* found = find_unit(duration_units, name);
    if (found == nullptr && name.empty())
      return error{errc::invalid_argument, "'" + std::string{text} + "' has no unit: write " +
                                               std::string{text} + "ms, " + std::string{text} +
                                               "s or another of us, ms, s, m, h, d"};
    if (found == nullptr) return not_a(text, takes);
    if (count > (duration_max_us - total_us) / found->factor)
      return error{errc::invalid_argument,
                   "'" + std::string{text} + "' is longer than 3650000d, the longest that is possible"};
    total_us += count * found->factor;
    rest.remove_prefix(name.size());
  }
  return duration{static_cast<std::int64_t>(total_us)};
}

result<std::uint64_t> parse_bytes(std::string_view text) {
  constexpr std::string_view takes = "a size such as 65536, 64KiB, 2MiB or 1GB";
  auto rest = text;
  std::uint64_t count = 0;
  if (!take_digits(rest, count)) return not_a(text, takes);
  std::uint64_t factor = 1;
  if (!rest.empty()) {
    const auto* found = find_unit(byte_units, rest);
    if (found == nullptr) return not_a(text, takes);
    factor = found->factor;
  }
  if (count > std::numeric_limits<std::uint64_t>::max() / factor) return not_a(text, takes);
  if (count == 0) return error{errc::invalid_argument, "0 is too small: it must be at least 1"};
  return count * factor;
}

result<double> parse_speed(std::string_view text) {
  constexpr std::string_view takes = "a speed such as 60x (an hour of event time in a minute), or max";
  if (text == "max") return 0.0;
  auto digits = text;
  if (digits.ends_with('x')) digits.remove_suffix(1);
  const auto value = parse_decimal(digits);
  if (!value.ok() || *value <= 0) return not_a(text, takes);
  return *value;
}

result<parallelism_choice> parse_parallelism(std::string_view text) {
  const auto equals = text.rfind('=');
  parallelism_choice choice;
  auto digits = text;
  if (equals != std::string_view::npos) {
    choice.operator_name = text.substr(0, equals);
    digits = text.substr(equals + 1);
    if (choice.operator_name.empty()) return not_a(text, "N or OPERATOR=N");
  }
  const auto instances = parse_number(digits, 1, key_groups);
  if (!instances.ok()) return instances.failed();
  choice.instances = static_cast<std::uint32_t>(*instances);
  return choice;
}

}  // namespace weir::launcher

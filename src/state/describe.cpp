#include <weir/runtime/describe.hpp>

#include <array>
#include <charconv>
#include <string>

namespace weir::detail {
namespace {

/// The part of `spelled` that names the type: from `T = ` to the `;` or `]` that ends it.
std::string_view type_in(std::string_view spelled) noexcept {
  constexpr std::string_view start = "T = ";
  if (const auto at = spelled.find(start); at != std::string_view::npos)
    spelled.remove_prefix(at + start.size());
  int depth = 0;
  for (std::size_t at = 0; at < spelled.size(); ++at) {
    const auto c = spelled[at];
    if (depth == 0 && (c == ';' || c == ']')) return spelled.substr(0, at);
    if (c == '<' || c == '(' || c == '[' || c == '{') ++depth;
    if (c == '>' || c == ')' || c == ']' || c == '}') --depth;
  }
  return spelled;
}

std::string_view unit_name(std::intmax_t numerator, std::intmax_t denominator) noexcept {
  struct unit {
    std::intmax_t numerator;
    std::intmax_t denominator;
    std::string_view name;
  };
  static constexpr std::array units{unit{1, 1'000'000'000, "ns"}, unit{1, 1'000'000, "us"},
                                    unit{1, 1'000, "ms"},         unit{1, 1, "s"},
                                    unit{60, 1, "min"},           unit{3'600, 1, "h"}};
  for (const auto& each : units)
    if (each.numerator == numerator && each.denominator == denominator) return each.name;
  return {};
}

}  // namespace

std::string_view plain_type_name(std::string_view spelled) noexcept {
  auto name = type_in(spelled);
  int depth = 0;
  std::size_t start = 0;
  std::size_t end = name.size();
  for (std::size_t at = 0; at < name.size(); ++at) {
    const auto c = name[at];
    if (depth == 0 && c == '<') end = at;
    if (c == '<' || c == '(' || c == '{') ++depth;
    if (c == '>' || c == ')' || c == '}') --depth;
    if (depth == 0 && c == ':' && name.substr(at).starts_with("::")) {
      start = at + 2;
      end = name.size();
    }
  }
  return name.substr(start, end - start);
}

void type_writer::write_number(bool is_integer, bool is_signed, std::size_t bytes) {
  text_.append(!is_integer ? "float" : is_signed ? "int" : "uint").append(std::to_string(8 * bytes));
}

void type_writer::write_duration(std::intmax_t numerator, std::intmax_t denominator) {
  if (const auto known = unit_name(numerator, denominator); !known.empty())
    text_ += known;
  else
    text_.append(std::to_string(numerator)).append("/").append(std::to_string(denominator)).append("s");
}

void type_writer::write_size(std::size_t bytes) {
  text_.append("{").append(std::to_string(bytes)).append(" bytes}");
}

void type_writer::write_record(capnp::StructSchema schema) {
  records_.push_back(schema);
  const record_type type{schema};
  std::array<char, 16> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), type.id(), 16);
  text_.append(type.name()).append("@").append(digits.data(), end);
}

}  // namespace weir::detail

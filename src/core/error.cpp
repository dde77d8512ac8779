#include <weir/error.hpp>

#include <array>

namespace weir {
namespace {

struct row {
  errc code;
  std::string_view name;
  error_class cls;
  std::string_view meaning;
};

constexpr std::array table{
#define WEIR_X(name, number, cls, text) row{errc::name, #name, error_class::cls, text},
    WEIR_ERRORS(WEIR_X)
#undef WEIR_X
};

constexpr row unknown{errc{}, "unknown", error_class::escalate, "a code that is not in the table"};

const row& find(errc code) noexcept {
  for (const auto& candidate : table)
    if (candidate.code == code) return candidate;
  return unknown;
}

}  // namespace

std::string_view name_of(errc code) noexcept { return find(code).name; }
std::string_view meaning_of(errc code) noexcept { return find(code).meaning; }
error_class class_of(errc code) noexcept { return find(code).cls; }

std::string to_string(const error& e) {
  std::string text{name_of(e.code)};
  text += ": ";
  text += e.message;
  return text;
}

}  // namespace weir

#include <weir/runtime/graph.hpp>

#include <array>
#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <string_view>
#include <utility>

namespace weir {
namespace {

std::string demangled(const char* mangled) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name{abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                    std::free};
  return status == 0 && name != nullptr ? name.get() : mangled;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

std::string readable_name(const char* mangled) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> behind_verbs{{
      {"weir::filter_behavior<", "filter"},
      {"weir::map_behavior<", "map"},
      {"weir::flat_map_behavior<", "flat_map"},
      {"weir::joins::interval_join<", "interval join"},
      {"weir::joins::window_join<", "window join"},
      {"weir::joins::session_join<", "session join"},
      {"weir::joins::versioned_table_join<", "join with a table as of event time"},
      {"weir::joins::latest_row_join<", "join with the latest row of a table"},
      {"weir::joins::history_join<", "join"},
      {"weir::keep_first_behavior<", "keep_first"},
      {"weir::keep_last_behavior<", "keep_last"},
      {"weir::rank_behavior<", "rank"},
  }};
  auto name = demangled(mangled);
  for (const auto& [type, verb] : behind_verbs)
    if (name.starts_with(type)) return std::string{verb};
  replace_all(name, "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >",
              "std::string");
  replace_all(name, "(anonymous namespace)::", "");
  replace_all(name, "weir::", "");
  replace_all(name, " >", ">");
  return name;
}

}  // namespace weir

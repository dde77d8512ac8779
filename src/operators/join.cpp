#include <weir/error.hpp>
#include <weir/join.hpp>

#include <string>

namespace weir::joins {
namespace {

std::string shown(duration span) { return std::to_string(span.count()) + "us"; }

}  // namespace

void check(const interval& bounds) {
  if (bounds.lower <= bounds.upper) return;
  throw failure{errc::invalid_graph, "join: within(" + shown(bounds.lower) + ", " + shown(bounds.upper) +
                                         "): the lower bound must not be above the upper one"};
}

join_windows windows_of(const fixed_windows& windows) {
  const auto& terms = windows.terms();
  if (terms.lateness_us != 0 || terms.early_us != 0 || terms.clock != clock_kind::event)
    throw failure{errc::invalid_graph,
                  "join: window(" + windows.shown() +
                      "): windows of a join follow event time, tell their pairs once and allow no lateness; "
                      "use tumbling() or sliding() without further calls but offset()"};
  return {duration{windows.size_us()}, duration{windows.slide_us()}, duration{windows.offset_us()}};
}

}  // namespace weir::joins

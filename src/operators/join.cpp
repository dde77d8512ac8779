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

void check(const join_windows& windows) {
  if (windows.slide.count() > 0 && windows.slide <= windows.length) return;
  if (windows.slide == windows.length)
    throw failure{errc::invalid_graph,
                  "join: tumbling(" + shown(windows.length) + "): the length must be positive"};
  throw failure{errc::invalid_graph, "join: sliding(" + shown(windows.length) + ", " + shown(windows.slide) +
                                         "): the slide must be positive and not above the length"};
}

}  // namespace weir::joins

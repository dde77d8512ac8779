#include <weir/error.hpp>
#include <weir/join.hpp>

#include <string>

namespace weir::joins {
namespace {

std::string shown(duration span) { return std::to_string(span.count()) + "us"; }

template <class Windows>
void check_terms(const Windows& windows) {
  const auto& terms = windows.terms();
  if (terms.early_us != 0 || terms.clock != clock_kind::event)
    throw failure{errc::invalid_graph,
                  "join: window(" + windows.shown() +
                      "): windows of a join follow event time and tell a pair once: leave "
                      "early_every() and in_processing_time() out"};
}

}  // namespace

void check(const interval& bounds) {
  if (bounds.lower <= bounds.upper) return;
  throw failure{errc::invalid_graph, "join: within(" + shown(bounds.lower) + ", " + shown(bounds.upper) +
                                         "): the lower bound must not be above the upper one"};
}

join_windows windows_of(const fixed_windows& windows) {
  check_terms(windows);
  return {duration{windows.size_us()}, duration{windows.slide_us()}, duration{windows.offset_us()},
          duration{windows.terms().lateness_us}};
}

join_sessions windows_of(const session_windows& windows) {
  check_terms(windows);
  if (windows.terms().lateness_us != 0)
    throw failure{errc::invalid_graph,
                  "join: window(" + windows.shown() +
                      "): sessions of a join allow no lateness: leave allow_lateness() out, or "
                      "use tumbling() or sliding()"};
  return {duration{windows.gap_us()}};
}

}  // namespace weir::joins

#include <weir/error.hpp>
#include <weir/windowed.hpp>
#include <weir/windows/window_behavior.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace weir::detail {
namespace {

/// In the largest unit that it is a whole number of: `90s`, `1min`.
std::string shown_length(std::int64_t length_us) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 6> units{{{86'400'000'000, "d"},
                                                                            {3'600'000'000, "h"},
                                                                            {60'000'000, "min"},
                                                                            {1'000'000, "s"},
                                                                            {1'000, "ms"},
                                                                            {1, "us"}}};
  for (const auto& [unit_us, name] : units)
    if (length_us != 0 && length_us % unit_us == 0) return std::to_string(length_us / unit_us).append(name);
  return "0s";
}

std::string shown_terms(const window_terms& terms) {
  std::string shown;
  if (terms.clock == clock_kind::processing) shown += " in processing time";
  if (terms.lateness_us != 0) shown += ", late by " + shown_length(terms.lateness_us);
  if (terms.early_us != 0) shown += ", early every " + shown_length(terms.early_us);
  return shown;
}

}  // namespace

std::int64_t checked_window_length(duration length, std::int64_t least_us, const char* what) {
  const auto length_us = length.count();
  if (length_us >= least_us && length_us <= window_time_max_us) return length_us;
  throw failure{errc::invalid_graph, std::string{what} + " of " + std::to_string(length_us) +
                                         "us: it must be " + std::to_string(least_us) + "us to " +
                                         std::to_string(window_time_max_us) + "us"};
}

std::int64_t checked_slide(duration slide, std::int64_t size_us) {
  if (slide.count() >= 1 && slide.count() <= size_us) return slide.count();
  throw failure{errc::invalid_graph, "sliding: a slide of " + std::to_string(slide.count()) +
                                         "us: it must be 1us to the size of the windows, " +
                                         std::to_string(size_us) + "us"};
}

void refuse_lateness_by_clock(const window_terms& terms) {
  if (terms.clock == clock_kind::event || terms.lateness_us == 0) return;
  throw failure{
      errc::invalid_graph,
      "allow_lateness of windows in_processing_time: no record is late by the clock of the machine; leave "
      "one of the two out"};
}

std::string shown_windows(std::int64_t size_us, std::int64_t slide_us, const window_terms& terms) {
  const auto size = shown_length(size_us);
  return (size_us == slide_us ? "tumbling(" + size : "sliding(" + size + ", " + shown_length(slide_us)) +
         ")" + shown_terms(terms);
}

std::string shown_session(std::int64_t gap_us, const window_terms& terms) {
  return "session(" + shown_length(gap_us) + ")" + shown_terms(terms);
}

void refuse_parallel_window_all(const std::string& name, std::uint32_t parallelism) {
  throw failure{errc::invalid_graph,
                "operator \"" + name + "\": window_all with a parallelism of " + std::to_string(parallelism) +
                    ": windows of all records have one instance; call key_by(...) and window(...) "
                    "to have more"};
}

void refuse_two_phases_by_clock(const std::string& name, const window_terms& terms) {
  if (terms.clock == clock_kind::event) return;
  throw failure{errc::invalid_graph,
                "operator \"" + name +
                    "\": two_phase() of windows in_processing_time: totals wait for a watermark; "
                    "leave one of the two out"};
}

void fail_partial_totals() {
  throw failure{errc::behavior_failed,
                "totals from the instances in front are not of the accumulators of these aggregates"};
}

void fail_no_event_time(const std::string& instance) {
  throw failure{errc::behavior_failed,
                instance +
                    ": windows in event time on records without one: call event_time(...) on the source, or "
                    "use in_processing_time()"};
}

std::string time_out_of_range(std::int64_t time_us) {
  return "event time of " + std::to_string(time_us) + "us: windows hold times of -" +
         std::to_string(window_time_max_us) + "us to " + std::to_string(window_time_max_us) + "us";
}

}  // namespace weir::detail

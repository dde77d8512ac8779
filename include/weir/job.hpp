#pragma once
/// Jobs: a name, sources, and what the streams from them lead to.

#include <weir/runtime/graph.hpp>
#include <weir/sources.hpp>
#include <weir/stream.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace weir {

namespace detail {

/// What a source's getter finds, in microseconds since 1970.
template <std::integral Ticks>
[[nodiscard]] constexpr std::int64_t event_time_micros(Ticks ticks, time_unit unit) noexcept {
  if constexpr (std::unsigned_integral<Ticks> && sizeof(Ticks) == sizeof(std::int64_t))
    if (ticks > static_cast<Ticks>(time_max_us)) return time_max_us;
  return to_micros(static_cast<std::int64_t>(ticks), unit);
}
template <class Duration>
[[nodiscard]] constexpr std::int64_t event_time_micros(std::chrono::sys_time<Duration> time,
                                                       time_unit) noexcept {
  return std::chrono::floor<duration>(time).time_since_epoch().count();
}

template <class Found>
concept event_time_like = requires(Found found) { event_time_micros(found, time_unit::millis); };

/// What punctuated()'s function may return: a time or none.
template <class Found>
inline constexpr bool is_announcement = event_time_like<Found>;
template <event_time_like Found>
inline constexpr bool is_announcement<std::optional<Found>> = true;

/// What a record announces, in microseconds since 1970.
template <class Found>
[[nodiscard]] std::optional<std::int64_t> announced_micros(const Found& found, time_unit unit) {
  if constexpr (event_time_like<Found>)
    return event_time_micros(found, unit);
  else
    return found ? std::optional{event_time_micros(*found, unit)} : std::nullopt;
}

/// True if `Getter` finds event times in records T; one error says why not.
template <record T, class Getter>
consteval bool check_time_getter() {
  if constexpr (!std::is_invocable_v<const Getter&, typename T::Reader>)
    static_assert(never<Getter>, "weir: event_time: the function takes a Reader of the source's record type");
  else if constexpr (!event_time_like<std::decay_t<std::invoke_result_t<const Getter&, typename T::Reader>>>)
    static_assert(never<Getter>, "weir: event_time: the function finds an integer or a weir::event_time");
  else
    return true;
  return false;
}
template <record T, class Announce>
consteval bool check_announcement() {
  if constexpr (!std::is_invocable_v<const Announce&, typename T::Reader>)
    static_assert(never<Announce>,
                  "weir: punctuated: the function takes a Reader of the source's record type");
  else if constexpr (!is_announcement<
                         std::decay_t<std::invoke_result_t<const Announce&, typename T::Reader>>>)
    static_assert(
        never<Announce>,
        "weir: punctuated: the function returns a std::optional of an integer or of a weir::event_time");
  else
    return true;
  return false;
}

}  // namespace detail

/// Records as they come from a source; the only place where event time can be told.
template <record T>
class source_stream : public stream<T> {
 public:
  source_stream(graph& g, std::uint32_t node) : stream<T>{g, node, 0}, node_{node} {}

  /// `getter` finds an integer of `unit` since 1970 (default: milliseconds) or a weir::event_time in a record.
  template <class Getter>
  [[nodiscard]] stream<T> event_time(Getter getter, watermark_strategy strategy,
                                     time_unit unit = time_unit::millis) const;
  /// The same with watermarks that records announce: see punctuated(). Its times are of the same unit.
  template <class Getter, class Announce>
  [[nodiscard]] stream<T> event_time(Getter getter, announced_watermarks<Announce> announced,
                                     time_unit unit = time_unit::millis) const;

 private:
  std::uint32_t node_;
};

template <record T>
template <class Getter>
stream<T> source_stream<T>::event_time(Getter getter, watermark_strategy strategy, time_unit unit) const {
  if constexpr (detail::check_time_getter<T, Getter>()) {
    auto& node = this->graph_->nodes[node_];
    node.watermarks = strategy;
    node.assign_times = [getter, unit](batch_writer& batch, std::uint32_t from,
                                       watermark_generator& watermarks) {
      for (auto index = from; index < batch.size(); ++index) {
        const auto time_us =
            detail::event_time_micros(std::invoke(getter, batch.record(index).template as<T>()), unit);
        watermarks.observe(time_us);
        batch.set_times(index, time_us, watermarks.current_us());
      }
    };
  }
  return {*this->graph_, node_, 0};
}

template <record T>
template <class Getter, class Announce>
stream<T> source_stream<T>::event_time(Getter getter, announced_watermarks<Announce> announced,
                                       time_unit unit) const {
  if constexpr (detail::check_time_getter<T, Getter>() && detail::check_announcement<T, Announce>()) {
    auto& node = this->graph_->nodes[node_];
    node.watermarks = announced.terms;
    node.assign_times = [getter, announce = std::move(announced.announce), unit](
                            batch_writer& batch, std::uint32_t from, watermark_generator& watermarks) {
      for (auto index = from; index < batch.size(); ++index) {
        const auto record = batch.record(index).template as<T>();
        batch.set_times(index, detail::event_time_micros(std::invoke(getter, record), unit),
                        watermarks.current_us());
        if (const auto said = detail::announced_micros(std::invoke(announce, record), unit))
          watermarks.announce(*said);
      }
    };
  }
  return {*this->graph_, node_, 0};
}

/// A job: a name and a graph under construction. Streams refer to it, so they must not outlive it; it may be moved.
class job {
 public:
  explicit job(std::string name) : graph_{std::make_unique<graph>()} { graph_->name = std::move(name); }

  /// Reads records. A source's parallelism deals its splits (files) out among its instances.
  template <record T>
  source_stream<T> source(const std::string& name, source_of<T> from, const operator_options& options = {}) {
    return source_stream<T>{*graph_, add_source(name, std::move(from.spec), options)};
  }
  /// Reads records from files.
  template <record T>
  source_stream<T> source(const std::string& name, const file_set& from, const format_of<T>& format,
                          const operator_options& options = {}) {
    return source_stream<T>{*graph_, add_source(name, file_source(from, format.format), options)};
  }

  [[nodiscard]] const graph& plan() const noexcept { return *graph_; }
  [[nodiscard]] graph& plan() noexcept { return *graph_; }

 private:
  std::uint32_t add_source(const std::string& name, source_spec spec, const operator_options& options);

  std::unique_ptr<graph> graph_;
};

}  // namespace weir

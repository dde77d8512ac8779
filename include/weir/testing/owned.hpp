#pragma once
/// Records that tests make, pass around and compare.

#include <weir/record.hpp>
#include <weir/time.hpp>

#include <capnp/message.h>

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

namespace weir::testing {

/// A point in event time: a weir::event_time, or a duration since 1970 (`12h`).
class instant {
 public:
  template <class Duration>
  constexpr instant(std::chrono::sys_time<Duration> time) : time_{std::chrono::floor<weir::duration>(time)} {}
  template <class Rep, class Period>
  constexpr instant(std::chrono::duration<Rep, Period> since_1970)
      : time_{std::chrono::floor<weir::duration>(since_1970)} {}

  [[nodiscard]] constexpr event_time time() const noexcept { return time_; }
  [[nodiscard]] constexpr std::int64_t micros() const noexcept { return time_.time_since_epoch().count(); }

 private:
  event_time time_;
};

/// A record that owns its memory, and the times it travelled with, if any. Never changes; copies share the memory.
/// Reads like a Reader: `storm->getAirport()`.
template <record T>
class owned {
 public:
  using record_of = T;
  using reader = typename T::Reader;

  /// A copy of `from`.
  explicit owned(reader from, std::optional<event_time> when = {}, std::optional<event_time> watermark = {})
      : message_{std::make_shared<capnp::MallocMessageBuilder>()}, event_time_{when}, watermark_{watermark} {
    message_->setRoot(from);
  }
  /// A record that `fill` fills.
  template <class Fill>
    requires std::is_invocable_v<Fill, typename T::Builder>
  explicit owned(Fill fill, std::optional<event_time> when = {})
      : message_{std::make_shared<capnp::MallocMessageBuilder>()}, event_time_{when} {
    fill(message_->template initRoot<T>());
  }

  [[nodiscard]] reader operator*() const { return message_->template getRoot<T>().asReader(); }
  operator reader() const { return **this; }
  [[nodiscard]] auto operator->() const {
    struct arrow {
      reader target;
      const reader* operator->() const noexcept { return &target; }
    };
    return arrow{**this};
  }

  /// When it happened; nothing if nobody said.
  [[nodiscard]] std::optional<event_time> when() const noexcept { return event_time_; }
  /// The producer's watermark when it emitted the record; nothing for records that a test made.
  [[nodiscard]] std::optional<event_time> watermark() const noexcept { return watermark_; }
  [[nodiscard]] std::string text() const {
    return to_text(capnp::AnyStruct::Reader{**this}, record_type::of<T>());
  }

  /// The same content; times do not count.
  friend bool operator==(const owned& a, const owned& b) {
    return capnp::AnyStruct::Reader{*a} == capnp::AnyStruct::Reader{*b};
  }
  friend std::ostream& operator<<(std::ostream& out, const owned& shown) { return out << shown.text(); }

 private:
  std::shared_ptr<capnp::MallocMessageBuilder> message_;
  std::optional<event_time> event_time_;
  std::optional<event_time> watermark_;
};

/// A record that `fill(T::Builder)` fills.
template <record T, class Fill>
[[nodiscard]] owned<T> make(Fill&& fill) {
  return owned<T>{std::forward<Fill>(fill)};
}
/// The same with an event time.
template <record T, class Fill>
[[nodiscard]] owned<T> make_at(instant when, Fill&& fill) {
  return owned<T>{std::forward<Fill>(fill), when.time()};
}

}  // namespace weir::testing

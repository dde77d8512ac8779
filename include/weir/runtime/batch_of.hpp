#pragma once
/// The records of one view, for a handler that takes them as a whole.

#include <weir/batch.hpp>
#include <weir/time.hpp>

#include <cstdint>
#include <functional>

namespace weir {

/// `void on(weir::batch_of<Flight> flights)`: one call per batch, where one per record is too slow. Holds only during
/// the call.
template <record T>
class batch_of {
 public:
  explicit batch_of(const batch_view& view) : view_{view}, records_{view.content().template records<T>()} {}

  [[nodiscard]] std::uint32_t size() const noexcept { return view_.size(); }
  [[nodiscard]] typename T::Reader operator[](std::uint32_t position) const {
    return records_[view_.index(position)];
  }
  /// Microseconds since 1970; time_min_us where the stream has no event time.
  [[nodiscard]] std::int64_t event_time_us(std::uint32_t position) const noexcept {
    const auto* times = view_.content().event_times();
    return times == nullptr ? time_min_us : times[view_.index(position)];
  }
  [[nodiscard]] const batch_view& view() const noexcept { return view_; }

  /// The records for which the predicate holds, without copying any.
  template <class Predicate>
  [[nodiscard]] batch_view where(Predicate&& predicate) const {
    auto chosen = make_counted<selection>();
    const auto count = size();
    chosen->indices.resize(count);
    auto* next = chosen->indices.data();
    for (std::uint32_t position = 0; position < count; ++position) {
      const auto index = view_.index(position);
      *next = index;
      next += std::invoke(predicate, records_[index]) ? 1 : 0;
    }
    const auto kept = static_cast<std::size_t>(next - chosen->indices.data());
    if (kept == count) return view_;
    chosen->indices.resize(kept);
    return view_.with_selection(selection_ptr{chosen});
  }

 private:
  const batch_view& view_;
  typename capnp::List<T>::Reader records_;
};

}  // namespace weir

#pragma once
/// The behavior of the keyed exchange.

#include "events.capnp.h"
#include <weir/behavior.hpp>
#include <weir/state.hpp>

#include <cstdint>

namespace bench {

/// Counts the records of each key, and all.
struct count_by_key : weir::keyed_behavior<std::int64_t, Total> {
  weir::value<std::uint64_t> seen{*this, "seen"};
  std::uint64_t all = 0;

  void on(Event::Reader) {
    ++seen.get_or([] { return std::uint64_t{0}; });
    ++all;
  }
  void on_end() {
    emit<Total>([&](Total::Builder out) { out.setCount(all); });
  }
};

}  // namespace bench

#pragma once
/// The record that the benchmarks build.

#include "events.capnp.h"
#include <weir/runtime/random.hpp>

#include <cstdint>

namespace bench {

/// The same n gives the same record; fields a, b and c are uniform in 0..99.
inline void fill_event(std::uint64_t n, std::uint64_t keys, Event::Builder out) {
  weir::random_sequence random{n};
  const auto bits = random();
  out.setKey(static_cast<std::int64_t>(random.below(keys)));
  out.setTime(static_cast<std::int64_t>(n));
  out.setA(static_cast<std::uint32_t>(bits & 0xffffU) % 100);
  out.setB(static_cast<std::uint32_t>(bits >> 16U & 0xffffU) % 100);
  out.setC(static_cast<std::uint32_t>(bits >> 32U & 0xffffU) % 100);
  out.setAmount(static_cast<std::int64_t>(bits >> 40U));
  out.setUser("user-0123456789");
  out.setPage("/shop/catalogue/item/7");
  out.setAgent("Mozilla/5.0 (X11; Linux)");
}

}  // namespace bench

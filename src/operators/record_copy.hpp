#pragma once
/// A record copied where no type is known.

#include <capnp/any.h>

#include <algorithm>
#include <cstring>

namespace weir {

/// What both have room for. `to` is zeroed.
inline void copy_record(capnp::AnyStruct::Reader from, capnp::AnyStruct::Builder to) {
  const auto data = from.getDataSection();
  auto data_there = to.getDataSection();
  if (data.size() > 0)
    std::memcpy(data_there.begin(), data.begin(), std::min(data.size(), data_there.size()));
  const auto pointers = from.getPointerSection();
  auto pointers_there = to.getPointerSection();
  for (capnp::uint i = 0; i < std::min(pointers.size(), pointers_there.size()); ++i)
    pointers_there[i].set(pointers[i]);
}

}  // namespace weir

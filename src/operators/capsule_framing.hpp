#pragma once
/// The frame of a capsule's file, around its Cap'n Proto message. On disk since v1.

#include "io/bytes/checked_file.hpp"

namespace weir {

inline constexpr io::checked_format capsule_format{
    .magic = {"weircaps", 8},
    .version = 1,
    .name = "capsule",
    .foreign = "this is no replay capsule",
    .advice = "this capsule cannot be replayed, take another one"};

}  // namespace weir

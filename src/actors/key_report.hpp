#pragma once
/// The frequent keys of an instance in its report.

#include "operators/key_sketch.hpp"
#include "schemas/control.capnp.h"

#include <string>

namespace weir::actors {

/// `key_type` as in describe.hpp: it makes numbers and tuples readable again. Keys are texts from outside: what is shown
/// of one is bounded.
void describe_keys(const key_sketch& keys, const std::string& key_type, wire::InstanceReport::Builder report);

}  // namespace weir::actors

#pragma once
/// Cap'n Proto structs as JSON, by schemas known at run time.

#include "state/described/json_text.hpp"

#include <capnp/dynamic.h>

namespace weir::state {

/// An object of the fields; of a union the one that is set. Int64 fields annotated with a time unit become ISO-8601 texts,
/// data becomes hexadecimal digits. Stops where `to` is full. False: nested deeper than anybody can mean.
/// Throws kj::Exception where the message is malformed.
[[nodiscard]] bool append_record(capnp::DynamicStruct::Reader fields, json_text& to);

}  // namespace weir::state

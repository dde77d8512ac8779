#pragma once
/// The Cap'n Proto schemas that a record is made of.

#include <capnp/schema.h>

#include <cstdint>
#include <map>

namespace weir::state {

/// By id, so that what is made of them depends on the types alone.
using schemas_by_id = std::map<std::uint64_t, capnp::Schema>;

/// Adds the schema and all structs and enums that its fields lead to.
void add_reached_schemas(capnp::Schema schema, schemas_by_id& to);

}  // namespace weir::state

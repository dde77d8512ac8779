#include "state/described/reached_schemas.hpp"

namespace weir::state {
namespace {

void add(capnp::Type type, schemas_by_id& to) {
  while (type.isList()) type = type.asList().getElementType();
  if (type.isStruct()) add_reached_schemas(type.asStruct(), to);
  if (type.isEnum()) add_reached_schemas(type.asEnum(), to);
}

}  // namespace

void add_reached_schemas(capnp::Schema schema, schemas_by_id& to) {
  if (!to.emplace(schema.getProto().getId(), schema).second || !schema.getProto().isStruct()) return;
  for (const auto field : schema.asStruct().getFields()) add(field.getType(), to);
}

}  // namespace weir::state

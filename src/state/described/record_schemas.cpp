#include "schemas/state.capnp.h"
#include <weir/runtime/describe.hpp>

#include <capnp/message.h>
#include <capnp/schema.h>
#include <capnp/serialize.h>

#include <map>

namespace weir::detail {
namespace {

/// By id, so that the bytes depend on the types alone.
using schemas_by_id = std::map<std::uint64_t, capnp::Schema>;

void collect(capnp::Schema schema, schemas_by_id& found);

void collect(capnp::Type type, schemas_by_id& found) {
  while (type.isList()) type = type.asList().getElementType();
  if (type.isStruct()) collect(type.asStruct(), found);
  if (type.isEnum()) collect(type.asEnum(), found);
}

void collect(capnp::Schema schema, schemas_by_id& found) {
  if (!found.emplace(schema.getProto().getId(), schema).second || !schema.getProto().isStruct()) return;
  for (const auto field : schema.asStruct().getFields()) collect(field.getType(), found);
}

}  // namespace

std::string type_writer::schemas() const {
  if (records_.empty()) return {};
  schemas_by_id found;
  for (const auto& record : records_) collect(record, found);
  capnp::MallocMessageBuilder message;
  auto nodes = message.initRoot<wire::RecordSchemas>().initNodes(static_cast<unsigned>(found.size()));
  unsigned at = 0;
  for (const auto& [id, schema] : found) nodes.setWithCaveats(at++, schema.getProto());
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

}  // namespace weir::detail

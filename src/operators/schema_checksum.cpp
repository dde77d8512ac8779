#include "io/bytes/checksum.hpp"
#include "operators/capsule.hpp"

#include <capnp/any.h>
#include <capnp/schema.h>

#include <map>

namespace weir {
namespace {

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

std::uint64_t schema_checksum(const record_type& type) {
  schemas_by_id found;
  collect(type.schema(), found);
  io::running_checksum checksum;
  for (const auto& [id, schema] : found) {
    const auto words = capnp::AnyStruct::Reader{schema.getProto()}.canonicalize();
    const auto bytes = words.asBytes();
    checksum.add({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
  }
  return checksum.value();
}

}  // namespace weir

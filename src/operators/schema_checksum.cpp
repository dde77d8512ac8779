#include "io/bytes/checksum.hpp"
#include "operators/capsule.hpp"
#include "state/described/reached_schemas.hpp"

#include <capnp/any.h>
#include <capnp/schema.h>

namespace weir {

std::uint64_t schema_checksum(const record_type& type) {
  state::schemas_by_id found;
  state::add_reached_schemas(type.schema(), found);
  io::running_checksum checksum;
  for (const auto& [id, schema] : found) {
    const auto words = capnp::AnyStruct::Reader{schema.getProto()}.canonicalize();
    const auto bytes = words.asBytes();
    checksum.add({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
  }
  return checksum.value();
}

}  // namespace weir

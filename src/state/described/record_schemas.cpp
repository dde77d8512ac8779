#include "schemas/state.capnp.h"
#include "state/described/reached_schemas.hpp"
#include <weir/runtime/describe.hpp>

#include <capnp/message.h>
#include <capnp/serialize.h>

namespace weir::detail {

std::string type_writer::schemas() const {
  if (records_.empty()) return {};
  state::schemas_by_id found;
  for (const auto& record : records_) state::add_reached_schemas(record, found);
  capnp::MallocMessageBuilder message;
  auto nodes = message.initRoot<wire::RecordSchemas>().initNodes(static_cast<unsigned>(found.size()));
  unsigned at = 0;
  for (const auto& [id, schema] : found) nodes.setWithCaveats(at++, schema.getProto());
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

}  // namespace weir::detail

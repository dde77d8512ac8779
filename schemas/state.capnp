@0xa4f19c62d8e03b75;
# What describes state to those who have not the job's executable.

using Cxx = import "/capnp/c++.capnp";
using Schema = import "/capnp/schema.capnp";
$Cxx.namespace("weir::wire");

struct RecordSchemas {
  # The records that a state type names by their ids, and all structs and enums that these refer to.
  nodes @0 :List(Schema.Node);
}

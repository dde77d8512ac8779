@0xd1c96e04ab5f3872;
# A line of a dead-letter file, as far as it takes to hand the record to its operator again.
#
# On disk since v1. Keys that are not listed here are for a person.

using Cxx = import "/capnp/c++.capnp";
using Weir = import "/weir/annotations.capnp";
$Cxx.namespace("weir::wire");

struct DeadLetter {
  operator @0 :Text; # the instance that gave the record up: `hours/2`
  error @1 :Text;
  input @2 :Int64 = -1; # of the operator; negative: the letter is of no record, but of a line or a timer
  type @3 :Text; # `Reading`
  schema @4 :Text; # checksum of the type's schema, 16 hexadecimal digits
  eventTime @5 :Int64 = -0x8000000000000000 $Weir.time(micros) $Weir.name("event_time"); # the default: it has none
  recordBytes @6 :UInt64 $Weir.name("record_bytes"); # only of a record that was too large to be kept
  record @7 :Data; # a message of one segment whose root is the record
}

@0xd5a1c0a4f3b7e2c1;
# What a field means beyond its type. Used by the text formats (CSV, JSON lines), the console and error messages.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("weir::schema");

enum TimeUnit {
  seconds @0;
  millis @1;
  micros @2;
  nanos @3;
}

annotation time @0xb2f0d4c6a8e1937f (field) :TimeUnit;
# An Int64 (or UInt64) field that counts this unit since 1970-01-01T00:00:00Z. Read from a number of that unit or
# from ISO-8601 text; written as ISO-8601 text in UTC. An Int64 field without it reads ISO-8601 text as milliseconds
# and is written as a plain number.

annotation name @0xc7e9a35b1d2f4860 (field) :Text;
# The column or key of this field in CSV and JSON, where it is not the field's own name.

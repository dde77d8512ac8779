@0xe1b7c05a3d2946f8;
# A snapshot's manifest: all that a job needs to go on from it, beside the files that it names.
#
# On disk since v1. Times are microseconds since 1970.

using Cxx = import "/capnp/c++.capnp";
using Control = import "control.capnp";
$Cxx.namespace("weir::wire");

struct SnapshotManifest {
  job @0 :Text;
  epoch @1 :UInt64;
  savepoint @2 :Bool;
  attempt @3 :UInt64;
  begun @4 :Int64;
  completed @5 :Int64;
  version @6 :Text;               # of Weir
  operators @7 :List(SnapshotOperator);
  files @8 :List(SnapshotFile);
}

struct SnapshotOperator {
  name @0 :Text;
  role @1 :Control.Role;
  keyed @2 :Bool;
  keyType @3 :Text;               # as in runtime/describe.hpp; empty where there are no keys
  instances @4 :List(SnapshotInstance);
}

struct SnapshotInstance {
  instance @0 :UInt32;
  hasEnded @1 :Bool;
  keys @2 :UInt64;
  stateBytes @3 :UInt64;
  position @4 :Text;              # a source's place in its input, for a person
  bookmark @5 :Data;
  records @6 :UInt64;
  outputs @7 :List(PreparedOutput);
}

struct PreparedOutput {
  epoch @0 :UInt64;
  receipt @1 :Data;
}

struct SnapshotFile {
  name @0 :Text;
  bytes @1 :UInt64;
  checksum @2 :UInt64;            # xxh3, 64 bits
  state @3 :Bool;                 # a file of the state store
}

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
  epoch @1 :UInt64;               # of its last own snapshot: an earlier one where it has ended
  hasBegun @2 :Bool;
  hasEnded @3 :Bool;
  keys @4 :UInt64;                # in memory
  stateBytes @5 :UInt64;          # in memory
  changedRows @6 :UInt64;
  source @7 :SourceMarks;
  host @8 :HostMarks;
  channels @9 :List(ChannelMarks);
  outputs @10 :List(PreparedOutput);
}

struct SourceMarks {
  position @0 :Text;              # its place in its input, for a person
  isReplayable @1 :Bool;          # it has a bookmark
  bookmark @2 :Data;
  skipped @3 :UInt64;             # records behind the bookmark that were sent
  watermark @4 :Int64;            # where there are parts: the least of theirs
  records @5 :UInt64;             # of all parts
  letters @6 :UInt64;             # dead letters behind the bookmark that were written
  # Where the share is read in parts. Where these are several, bookmark is one byte, 255: a release that does not know of
  # parts refuses it, as a bookmark of a later version.
  parts @7 :List(PartMarks);
}

struct PartMarks {
  name @0 :Data;                  # a path, for files
  isReplayable @1 :Bool;
  bookmark @2 :Data;
  skipped @3 :UInt64;
  watermark @4 :Int64;
  letters @5 :UInt64;
}

struct HostMarks {
  watermark @0 :Int64;
  visibleWatermark @1 :Int64;
  outputWatermark @2 :Int64;
  eventTime @3 :Int64;
  random @4 :UInt64;
}

struct ChannelMarks {
  watermark @0 :Int64;
  idle @1 :Bool;
  ended @2 :Bool;
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

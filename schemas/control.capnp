@0xb8d1f6a3c2e95074;
# What an operator instance answers to `inspect`, and what a job's report is made of.
#
# Terms as in frame.capnp. Times are microseconds; watermarks are microseconds since 1970, the least Int64 where none
# is known yet and the greatest where the input has ended.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("weir::wire");

struct InstanceReport {
  operator @0 :Text;
  instance @1 :UInt32;
  incarnation @2 :UInt32;         # its life, from 1
  state @3 :Text;                 # as in operators/instance_state.hpp
  role @4 :Role;
  recordsIn @5 :UInt64;           # a source's: records read
  recordsOut @6 :UInt64;          # a sink's: records written
  bytesIn @7 :UInt64;             # a source's: input read, in bytes as stored
  bytesOut @8 :UInt64;            # a sink's: bytes handed to the system
  batchesIn @9 :UInt64;
  batchesOut @10 :UInt64;
  watermark @11 :Int64;
  busyMicros @12 :UInt64;
  idleMicros @13 :UInt64;         # starved or waiting
  blockedMicros @14 :UInt64;      # an output had no credit
  badRecords @15 :UInt64;         # dead letters of a source
  rejected @16 :UInt64;           # dead letters of a behavior
  unusedOut @17 :UInt64;          # emitted to an output that nobody listens to
  timersFired @18 :UInt64;
  keys @19 :UInt64;
  timers @20 :UInt64;
  stateBytes @21 :UInt64;
  progress @22 :Float64;          # a source's share of its input that is read; negative if unknown
  position @23 :Text;             # a source's place in its input, a sink's destination
  blockedOn @24 :Text;            # the instance that an output waits for, `out/0`
  inputs @25 :List(Channel);
  outputs @26 :List(Channel);
  cells @27 :List(Cell);
  poisoned @28 :UInt64;           # dead letters of records that every life died of
  journalBytes @29 :UInt64;       # what would be consumed again after a failure
  epoch @30 :UInt64;              # of its last own snapshot
  keySamples @31 :UInt64;         # records whose key was looked at, about one in 64; older ones count for half; not keyed: 0
  topKeys @32 :List(TopKey);      # among these, the most frequent first; empty if none stands out
}

struct TopKey {
  key @0 :Text;                   # a text as it is, anything else as JSON; bounded
  records @1 :UInt64;             # estimated, of those that keySamples stands for
  share @2 :Float64;              # of the instance's records
  shareError @3 :Float64;         # the true share is at most so far from it, but for one case in 300
}

enum Role {
  source @0;
  transform @1;
  sink @2;
}

struct Channel {
  peer @0 :Text;                  # the instance at the other end
  frames @1 :UInt64;
  records @2 :UInt64;
  bytes @3 :UInt64;
  queuedFrames @4 :UInt64;        # received and not consumed; for an output: without credit
  queuedBytes @5 :UInt64;
  creditBytes @6 :Int64;          # left to send; inputs: owed to the sender
  watermark @7 :Int64;
  idle @8 :Bool;
  ended @9 :Bool;
  windowBytes @10 :UInt64;        # the credit it began with: at rest an output's creditBytes is that again
}

struct Cell {
  name @0 :Text;
  kind @1 :Text;
  type @2 :Text;
}

struct JobReport {
  job @0 :Text;
  instances @1 :List(InstanceReport);
  attempt @2 :UInt64;             # how often the job as a whole has begun: 1, and more after restarts and resumes
  restartsAlone @3 :UInt64;       # instances that were restarted alone
  restartsOfRegion @4 :UInt64;    # in this process
  snapshots @5 :SnapshotReport;
}

struct SnapshotReport {
  everyMicros @0 :UInt64;         # 0: no periodic ones
  complete @1 :UInt64;            # in this process
  failed @2 :UInt64;              # given up, or could not be written
  epoch @3 :UInt64;               # of the latest complete one; 0: none
  completed @4 :Int64;            # since 1970
  durationMicros @5 :UInt64;      # from its barrier to its being complete
  bytes @6 :UInt64;
  newBytes @7 :UInt64;            # the part that no earlier snapshot had
  location @8 :Text;
  lastError @9 :Text;             # why the last one that failed did; empty again with the next that does not
}

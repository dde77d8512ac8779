@0xb6d03f81c5e7924a;
# A replay capsule: what one operator instance needs to live its last moments again, alone, elsewhere.
#
# On disk since v1. Times are microseconds since 1970. A *tick* is a record or timer whose handling has begun since the
# instance's last own snapshot. The *journal* is all that the instance met since that snapshot.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("weir::wire");

struct ReplayCapsule {
  captured @0 :Int64;

  job @1 :Text;
  arguments @2 :List(NamedValue); # of the job, so that the same graph can be built
  operators @3 :List(CapsuleOperator);
  seed @4 :UInt64;
  batchRecordsMax @5 :UInt32;
  batchBytesMax @6 :UInt64;
  recordBytesMax @7 :UInt64;
  stopsAtBadRecord @8 :Bool;

  operator @9 :Text;
  instance @10 :UInt32;
  incarnation @11 :UInt32;

  # the last own snapshot
  epoch @12 :UInt64;
  hasBegun @13 :Bool;
  hasEnded @14 :Bool;
  host @15 :HostMarks;
  channels @16 :List(CapsuleChannel);
  rows @17 :List(StateRow);       # of the keys that were touched since then

  # the journal
  frames @18 :List(CapsuleFrame); # in the order of consumption; of the last one perhaps only the first records
  events @19 :List(CapsuleEvent);
  readings @20 :List(Int64);      # of the clock, in their order
  poisoned @21 :List(PoisonedTick);
  reached @22 :JournalPoint;

  # why
  failed @23 :Bool;               # otherwise it was captured on demand
  tick @24 :UInt64;               # that was being handled; 0: none
  error @25 :UInt16;              # number of the code
  message @26 :Text;
  activity @27 :Text;             # the record or timer, decoded
}

struct NamedValue {
  name @0 :Text;
  value @1 :Text;
}

struct CapsuleOperator {
  name @0 :Text;
  parallelism @1 :UInt32;
}

struct HostMarks {
  watermark @0 :Int64;
  visibleWatermark @1 :Int64;
  outputWatermark @2 :Int64;
  eventTime @3 :Int64;
  random @4 :UInt64;
}

struct CapsuleChannel {
  # An input channel as of the snapshot.
  sender @0 :Text;                # `parse/1`
  input @1 :UInt32;               # of the behavior
  recordType @2 :UInt64;
  schema @3 :UInt64;              # checksum of the record type's schema and of those it refers to
  watermark @4 :Int64;
  idle @5 :Bool;
  ended @6 :Bool;
}

struct StateRow {
  key @0 :Data;
  value @1 :Data;
}

struct CapsuleFrame {
  channel @0 :UInt32;
  watermark @1 :Int64;
  union {
    batch @2 :CapsuleBatch;
    watermarkOnly @3 :Void;
    idle @4 :Void;
    end @5 :Void;
    barrier @6 :UInt64;           # the epoch that it closes
  }
}

struct CapsuleBatch {
  content @0 :Data;               # a flat `Batch` of frame.capnp, compacted to the records that were meant
  watermarkMax @1 :Int64;         # no watermark among the records counts beyond it
}

struct JournalPoint {
  frames @0 :UInt64;              # consumed
  ticks @1 :UInt64;
  settled @2 :Bool;               # every event-time timer that the frames make due had fired
}

struct CapsuleEvent {
  when @0 :JournalPoint;
  union {
    clock @1 :Int64;              # processing-time timers were fired by this reading
    question @2 :CapsuleQuestion;
  }
}

struct CapsuleQuestion {
  type @0 :UInt64;
  key @1 :Data;
  words @2 :Data;                 # a flat message
}

struct PoisonedTick {
  tick @0 :UInt64;
  timer @1 :Bool;
  error @2 :UInt16;
  message @3 :Text;
  key @4 :Text;
  content @5 :Text;
  capsule @6 :Text;
}

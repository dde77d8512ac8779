@0x9c4e21b7d05fa386;
# What operator instances send one another.
#
# Terms. A *channel* is one FIFO lane from one instance to another. Every frame on it is numbered from 0 without gaps.
# The legal order of frames on a channel is
#
#     (batch | watermark | idle | barrier)* end
#
# A batch travels as its own flat, single-segment message (`Batch` is its root): the same bytes in memory and on the
# wire, shared between all targets of one process. What differs from target to target is the header and, in
# memory, the selection: which records of the batch are meant. The wire carries a batch compacted to its selection.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("weir::wire");

struct Batch {
  # A run of records of one type, in the order in which they were produced.
  recordType @0 :UInt64;          # the Cap'n Proto type id of the records
  count @1 :UInt32;               # records; every column below has as many entries
  eventTimes @2 :List(Int64);     # microseconds since the epoch; absent where the stream has no event time
  watermarks @3 :List(Int64);     # the producer's watermark when it produced the record; absent like eventTimes
  keyHashes @4 :List(UInt64);     # xxh3 of the key; only on a keyed edge that crosses a process
  records @5 :AnyPointer;         # List(T)
}

struct FrameHeader {
  channel @0 :UInt32;             # the consumer's number for the channel
  sequence @1 :UInt64;
  attempt @2 :UInt64;             # the deployment that sent it; a frame of another attempt is dropped
  watermark @3 :Int64;            # holds after this frame: no record at or before it will follow, late ones aside
  union {
    batch @4 :Void;               # a Batch message follows
    watermarkOnly @5 :Void;
    idle @6 :Void;                # the channel holds no watermark back until its next batch
    end @7 :Void;                 # nothing follows
    barrier @8 :Barrier;
  }
}

struct Barrier {
  # Closes epoch `epoch`: what came before it belongs to the snapshot of that number. Nothing sends one yet.
  epoch @0 :UInt64;
  savepoint @1 :Bool;
}

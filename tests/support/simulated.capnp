@0xc3a7f0195be2d864;
# The records of the simulated jobs.

using Weir = import "/weir/records.capnp";

struct Item {
  id @0 :UInt64;      # its place in the input, from 0
  key @1 :UInt32;
  value @2 :Int64;
  time @3 :Int64;     # microseconds since 1970
  text @4 :Text;      # gives records different sizes
}

struct Mark {
  id @0 :UInt64;
  key @1 :UInt32;
  time @2 :Int64;     # microseconds since 1970
}

struct Tally {
  key @0 :UInt32;
  start @1 :Int64;    # of what was counted, microseconds since 1970
  count @2 :UInt64;
  total @3 :Int64;
}

struct Pair {
  # What a join of Items and Marks gives: their ids, -1 where there is none.
  key @0 :UInt32;
  left @1 :Int64;
  right @2 :Int64;
  start @3 :Int64;    # of the window, microseconds since 1970
  time @4 :Int64;     # event time of the pair, likewise
}

struct PairChange {
  key @0 :UInt32;
  left @1 :Int64;
  right @2 :Int64;
  change @3 :Weir.ChangeKind;
}

struct ItemChange {
  id @0 :UInt64;
  key @1 :UInt32;
  value @2 :Int64;
  time @3 :Int64;     # microseconds since 1970
  change @4 :Weir.ChangeKind;
}

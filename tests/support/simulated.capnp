@0xc3a7f0195be2d864;
# The records of the simulated jobs.

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

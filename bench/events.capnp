@0xa7c3e19d5b8f2046;
# Records of the benchmarks.

struct Event {
  # About 150 bytes in a batch: four numbers and three texts.
  key @0 :Int64;
  time @1 :Int64;
  a @2 :UInt32;
  b @3 :UInt32;
  c @4 :UInt32;
  amount @5 :Int64;
  user @6 :Text;
  page @7 :Text;
  agent @8 :Text;
}

struct Total {
  count @0 :UInt64;
}

struct Seen {
  # What an instance puts out for every Event.
  instance @0 :UInt32;
  number @1 :Int64;  # Event.time
  count @2 :UInt64;  # of the key
}

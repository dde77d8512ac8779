@0x9e05469158ed2f50;
# Records of the tests: a realistic one, and the shapes at the edges of what a record can be.

using Cxx = import "/capnp/c++.capnp";
using Weir = import "/weir/annotations.capnp";
$Cxx.namespace("weir::test");

struct Reading {
  # What a sensor measured.
  sensor @0 :Text;
  value @1 :Int64;
  at @2 :Int64;      # milliseconds since 1970
  note @3 :Text;
}

struct Alarm {
  sensor @0 :Text;
  count @1 :UInt32;
  last @2 :Int64;
}

struct Calibration {
  # The second input of joins.
  sensor @0 :Text;
  offset @1 :Int64;
}

struct Question {
  add @0 :Int64;
}

struct Answer {
  count @0 :UInt64;
  sensor @1 :Text;
}

struct Nothing {}
# A record without fields: zero words.

struct OnlyData {
  number @0 :Int64;
  flag @1 :Bool;
}

struct OnlyPointers {
  text @0 :Text;
  numbers @1 :List(Int32);
  alarms @2 :List(Alarm);
}

enum Level {
  low @0;
  high @1;
}

struct Shape {
  # A field of every kind that needs more than a number.
  level @0 :Level;
  corner :group {
    x @1 :Int32;
    y @2 :Int32;
  }
  data @3 :Data;
  time @4 :Int64 $Weir.time(millis);
  parts @5 :List(Shape);
  union {
    nothing @6 :Void;
    circle @7 :Float64;
  }
}

@0x9d3b7a51c4e8f260;
# Records with everything that the text formats must carry.

using Cxx = import "/capnp/c++.capnp";
using Weir = import "/weir/annotations.capnp";
$Cxx.namespace("text_records");

enum Colour {
  red @0;
  green @1;
  darkBlue @2;
}

struct Flat {
  # Fits CSV.
  flag @0 :Bool;
  tiny @1 :Int8;
  small @2 :Int16;
  medium @3 :Int32;
  large @4 :Int64;
  utiny @5 :UInt8;
  usmall @6 :UInt16;
  umedium @7 :UInt32;
  ularge @8 :UInt64;
  single @9 :Float32;
  double @10 :Float64;
  colour @11 :Colour;
  text @12 :Text;
  data @13 :Data;
  seconds @14 :Int64 $Weir.time(seconds);
  millis @15 :Int64 $Weir.time(millis);
  micros @16 :Int64 $Weir.time(micros);
  nanos @17 :Int64 $Weir.time(nanos);
  unsignedMillis @18 :UInt64 $Weir.time(millis);
  renamed @19 :Int32 $Weir.name("other name");
}

struct Defaults {
  flag @0 :Bool = true;
  number @1 :Int32 = -7;
  real @2 :Float64 = 2.5;
  colour @3 :Colour = darkBlue;
  text @4 :Text = "given";
  list @5 :List(Int32) = [1, 2, 3];
}

struct Flight {
  date @0 :Int64;
  delay @1 :Int32;
  distance @2 :Int32;
  origin @3 :Text;
  destination @4 :Text;
}

struct Point {
  latitude @0 :Float64;
  longitude @1 :Float64;
}

struct Nested {
  position @0 :Point;
  track @1 :List(Point);
  numbers @2 :List(Int32);
  flags @3 :List(Bool);
  words @4 :List(Text);
  blobs @5 :List(Data);
  colours @6 :List(Colour);
  matrix @7 :List(List(Float64));
  bytes @8 :List(UInt8);
  times @9 :List(Int64);
  inner :group {
    count @10 :UInt32;
    label @11 :Text;
  }
  child @12 :Nested;
  nothing @13 :Void;
}

struct Shape {
  name @0 :Text;
  union {
    radius @1 :Float64;
    box :group {
      width @2 :Float64;
      height @3 :Float64;
    }
    nothing @4 :Void;
  }
}

struct WithAny {
  good @0 :Int32;
  content @1 :AnyPointer;
}

struct WrongTime {
  at @0 :Int32 $Weir.time(seconds);
}

struct SameNames {
  one @0 :Int32;
  two @1 :Int32 $Weir.name("one");
}

struct OneText {
  text @0 :Text;
}

struct LongKeys {
  aKeyWithSixteenCharacters @0 :Int32;
  k @1 :Int32;
  aVeryLongKeyThatIsLongerThanTheSixtyFourBytesThatAreReadableBehindALine @2 :Int32;
}

struct Newer {
  # Flight as a later version of its schema would be.
  date @0 :Int64;
  delay @1 :Int32;
  distance @2 :Int32;
  origin @3 :Text;
  destination @4 :Text;
  carrier @5 :Text = "none";
  tail @6 :Int64 = 77;
}

@0xb1c46f0a7d2e9583;
# Records of the text format benchmarks.

using Cxx = import "/capnp/c++.capnp";
using Weir = import "/weir/annotations.capnp";
$Cxx.namespace("bench");

struct Comment {
  # About 200 bytes as a line of JSON.
  time @0 :Int64 $Weir.time(millis);
  delay @1 :Int32;
  distance @2 :Int32;
  origin @3 :Text;
  destination @4 :Text;
  score @5 :Float64;
  comment @6 :Text;
}

struct Flight {
  # About 33 bytes as a row of CSV.
  date @0 :Int64 $Weir.time(millis);
  delay @1 :Int32;
  distance @2 :Int32;
  origin @3 :Text;
  destination @4 :Text;
}

@0xe3b8a91f6c5d2074;
# Records that the runtime itself produces.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("weir");

struct Line {
  # One line of a text file, without its line end.
  text @0 :Text;
  path @1 :Text;
  number @2 :UInt64;   # from 1
}

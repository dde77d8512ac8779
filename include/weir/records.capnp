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

enum ChangeKind {
  # How a record changes a result, in a field `change` that whoever emits the record sets. In brackets the signs that
  # Flink has for them, and Debezium's.
  insert @0;         # a row that was not there (+I, c)
  updateBefore @1;   # a row as it was; its updateAfter follows (-U)
  updateAfter @2;    # the same row as it is now (+U, u)
  delete @3;         # a row that is gone, as it was (-D, d)
}

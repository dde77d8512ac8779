@0xd1b7c4e80a93f562;
# Records of the benchmark of joins.

using Weir = import "/weir/records.capnp";

struct Order {
  id @0 :Int64;
  key @1 :Int64;
  time @2 :Int64;    # microseconds since 1970
  amount @3 :Int64;
}

struct Payment {
  id @0 :Int64;
  key @1 :Int64;
  time @2 :Int64;
  amount @3 :Int64;
}

struct Match {
  order @0 :Int64;
  payment @1 :Int64;
  change @2 :Weir.ChangeKind;
}

struct Best {
  amount @0 :Int64;
  rank @1 :UInt32;
  change @2 :Weir.ChangeKind;
}

@0xf3fca36f40d544d8;
# What the queries put out. Times are milliseconds since 1970. A price in thousandths is exact: 0.908 of a cent is 908.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("nexmark");

struct PlainBid {           # q0
  auction @0 :Int64;
  bidder @1 :Int64;
  price @2 :Int64;
  dateTime @3 :Int64;
  extra @4 :Text;
}

struct EuroBid {            # q1
  auction @0 :Int64;
  bidder @1 :Int64;
  priceThousandths @2 :Int64;
  dateTime @3 :Int64;
  extra @4 :Text;
}

struct AuctionPrice {       # q2
  auction @0 :Int64;
  price @1 :Int64;
}

struct LocalItem {          # q3
  name @0 :Text;
  city @1 :Text;
  state @2 :Text;
  id @3 :Int64;
}

struct FiledBid {           # q10
  auction @0 :Int64;
  bidder @1 :Int64;
  price @2 :Int64;
  dateTime @3 :Int64;
  extra @4 :Text;
  dt @5 :Text;              # 2026-01-31
  hm @6 :Text;              # 23:59
}

struct EnrichedBid {        # q13
  auction @0 :Int64;
  bidder @1 :Int64;
  price @2 :Int64;
  dateTime @3 :Int64;
  value @4 :Text;
}

struct TimedBid {           # q14
  auction @0 :Int64;
  bidder @1 :Int64;
  priceThousandths @2 :Int64;
  bidTimeType @3 :Text;
  dateTime @4 :Int64;
  extra @5 :Text;
  cCounts @6 :Int64;
}

struct ChannelBid {         # q21
  auction @0 :Int64;
  bidder @1 :Int64;
  price @2 :Int64;
  channel @3 :Text;
  channelId @4 :Text;
}

struct UrlBid {             # q22
  auction @0 :Int64;
  bidder @1 :Int64;
  price @2 :Int64;
  channel @3 :Text;
  dir1 @4 :Text;
  dir2 @5 :Text;
  dir3 @6 :Text;
}

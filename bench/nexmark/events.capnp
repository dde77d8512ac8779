@0xc67c82ba5acd56a4;
# What NEXMARK is about: people put things up for auction, and other people bid for them. The fields are those of the
# schema of github.com/nexmark/nexmark. Times are milliseconds since 1970, prices cents.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("nexmark");

struct Person {
  id @0 :Int64;
  name @1 :Text;
  emailAddress @2 :Text;
  creditCard @3 :Text;
  city @4 :Text;
  state @5 :Text;
  dateTime @6 :Int64;
  extra @7 :Text;           # brings the event to its usual size
}

struct Auction {
  id @0 :Int64;
  itemName @1 :Text;
  description @2 :Text;
  initialBid @3 :Int64;
  reserve @4 :Int64;
  dateTime @5 :Int64;
  expires @6 :Int64;
  seller @7 :Int64;         # a Person's id
  category @8 :Int64;
  extra @9 :Text;
}

struct Bid {
  auction @0 :Int64;        # an Auction's id
  bidder @1 :Int64;         # a Person's id
  price @2 :Int64;
  channel @3 :Text;
  url @4 :Text;
  dateTime @5 :Int64;
  extra @6 :Text;
}

struct EventRange {
  # Events of one millisecond: their numbers. All that the source makes; the events come from them.
  dateTime @0 :Int64;
  first @1 :UInt64;
  count @2 :UInt32;
}

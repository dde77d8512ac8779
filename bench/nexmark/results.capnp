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

struct NewUser {            # q8
  id @0 :Int64;
  name @1 :Text;
  starttime @2 :Int64;
}

struct AuctionedBid {       # q20
  auction @0 :Int64;
  bidder @1 :Int64;
  price @2 :Int64;
  channel @3 :Text;
  url @4 :Text;
  bidDateTime @5 :Int64;
  bidExtra @6 :Text;
  itemName @7 :Text;
  description @8 :Text;
  initialBid @9 :Int64;
  reserve @10 :Int64;
  auctionDateTime @11 :Int64;
  expires @12 :Int64;
  seller @13 :Int64;
  category @14 :Int64;
  auctionExtra @15 :Text;
}

struct WonAuction {         # q9
  id @0 :Int64;
  itemName @1 :Text;
  description @2 :Text;
  initialBid @3 :Int64;
  reserve @4 :Int64;
  dateTime @5 :Int64;
  expires @6 :Int64;
  seller @7 :Int64;
  category @8 :Int64;
  extra @9 :Text;
  bidder @10 :Int64;
  price @11 :Int64;
  bidDateTime @12 :Int64;
  bidExtra @13 :Text;
}

struct Closing {            # between the operators of q4 and q6: an auction that has closed with a bid
  auction @0 :Int64;
  seller @1 :Int64;
  category @2 :Int64;
  price @3 :Int64;
  dateTime @4 :Int64;
}

struct CategoryAverage {    # q4
  category @0 :Int64;
  average @1 :Int64;
  dateTime @2 :Int64;
}

struct SellerAverage {      # q6
  seller @0 :Int64;
  average @1 :Int64;
  auction @2 :Int64;
  dateTime @3 :Int64;
}

struct RankedBid {          # q19
  auction @0 :Int64;
  bidder @1 :Int64;
  price @2 :Int64;
  channel @3 :Text;
  url @4 :Text;
  dateTime @5 :Int64;
  extra @6 :Text;
  rankNumber @7 :Int64;
}

struct AuctionCount {       # between the operators of q5
  auction @0 :Int64;
  num @1 :Int64;
  starttime @2 :Int64;
  endtime @3 :Int64;
}

struct HotItem {            # q5
  auction @0 :Int64;
  num @1 :Int64;
  starttime @2 :Int64;
  endtime @3 :Int64;
}

struct BidderCount {        # q11, q12
  bidder @0 :Int64;
  bidCount @1 :Int64;
  starttime @2 :Int64;
  endtime @3 :Int64;
}

struct DayReport {          # q15
  day @0 :Text;
  totalBids @1 :Int64;
  rank1Bids @2 :Int64;      # prices below 10,000
  rank2Bids @3 :Int64;      # from there below 1,000,000
  rank3Bids @4 :Int64;      # from there
  totalBidders @5 :Int64;
  rank1Bidders @6 :Int64;
  rank2Bidders @7 :Int64;
  rank3Bidders @8 :Int64;
  totalAuctions @9 :Int64;
  rank1Auctions @10 :Int64;
  rank2Auctions @11 :Int64;
  rank3Auctions @12 :Int64;
}

struct ChannelReport {      # q16
  channel @0 :Text;
  day @1 :Text;
  minute @2 :Text;          # of the last bid
  totalBids @3 :Int64;
  rank1Bids @4 :Int64;
  rank2Bids @5 :Int64;
  rank3Bids @6 :Int64;
  totalBidders @7 :Int64;
  rank1Bidders @8 :Int64;
  rank2Bidders @9 :Int64;
  rank3Bidders @10 :Int64;
  totalAuctions @11 :Int64;
  rank1Auctions @12 :Int64;
  rank2Auctions @13 :Int64;
  rank3Auctions @14 :Int64;
}

struct AuctionReport {      # q17
  auction @0 :Int64;
  day @1 :Text;
  totalBids @2 :Int64;
  rank1Bids @3 :Int64;
  rank2Bids @4 :Int64;
  rank3Bids @5 :Int64;
  minPrice @6 :Int64;
  maxPrice @7 :Int64;
  avgPrice @8 :Int64;
  sumPrice @9 :Int64;
}

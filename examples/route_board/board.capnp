@0xbcfb97bbcaa08738;
# Departures as they come in, a line of the board per origin and hour as it goes out, and what came too late for it.

using Weir = import "/weir/annotations.capnp";

struct Departure {
  # One departure, and one row of the input. It left at date + delay.
  date @0 :Int64 $Weir.time(millis);  # scheduled: the local clock of the origin, read as if it were UTC
  delay @1 :Int32;                    # minutes; negative if it left early
  distance @2 :Int32;                 # miles
  origin @3 :Text;                    # IATA code
  destination @4 :Text;
}

struct Board {
  # The flights that left one origin within one hour, without those that came too late.
  origin @0 :Text;
  hour @1 :Int64 $Weir.time(millis);  # the hour's begin
  flights @2 :UInt32;                 # 1 or more
  meanDelay @3 :Float64;              # minutes
  maxDelay @4 :Int32;                 # minutes
  over15 @5 :Float64;                 # share of the flights whose delay is more than 15 minutes, 0 to 1
}

struct LateFlight {
  # A departure that came when the board of its hour had been closed.
  origin @0 :Text;
  hour @1 :Int64 $Weir.time(millis);       # the closed hour's begin
  destination @2 :Text;
  departed @3 :Int64 $Weir.time(millis);   # date + delay
  delay @4 :Int32;                         # minutes
  watermark @5 :Int64 $Weir.time(millis);  # when it came
  count @6 :UInt32;                        # late flights of this origin and hour so far, this one included
}

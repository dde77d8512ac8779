@0xf9d4c7ffa30cc26b;
# Flights as they come in, storms of late departures as they go out.

using Weir = import "/weir/annotations.capnp";

struct Flight {
  # One departure, and one row of the input.
  date @0 :Int64 $Weir.time(millis);  # scheduled departure: the local clock of the origin, read as if it were UTC
  delay @1 :Int32;                    # minutes; negative if it left early
  distance @2 :Int32;                 # miles
  origin @3 :Text;                    # IATA code
  destination @4 :Text;
}

struct Storm {
  # Departures of one airport that were at least 30 minutes late, with never more than 60 minutes between two of them.
  airport @0 :Text;
  first @1 :Int64 $Weir.time(millis);  # `date` of the first departure
  last @2 :Int64 $Weir.time(millis);
  departures @3 :UInt32;               # 5 or more
  meanDelay @4 :Float64;               # minutes
  worstDelay @5 :Int32;                # minutes
}

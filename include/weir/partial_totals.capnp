@0xb1d6f0a47c92e853;
# What one instance has aggregated of a key before the records would have been dealt out by key.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("weir");

struct PartialTotals {
  key @0 :Text;      # the key's bytes, as key.hpp says
  start @1 :Int64;   # of the slice of time, microseconds since 1970
  totals @2 :Data;   # of its records: the accumulators, as runtime/encode.hpp says
}

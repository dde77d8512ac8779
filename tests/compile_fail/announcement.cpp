// expect: static assertion failed: weir: punctuated: the function returns a std::optional of an integer
#include "support/simulated.capnp.h"
#include <weir/job.hpp>

void build(weir::source_stream<Item> items) {
  static_cast<void>(items.event_time(&Item::Reader::getTime, weir::punctuated(&Item::Reader::getText)));
}

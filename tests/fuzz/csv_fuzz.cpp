/// Any bytes as CSV: no crash, no endless loop, no memory without bound.

#include "fuzz/lines_of.hpp"
#include "unit/io/text_records.capnp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::read_lines(data, size, weir::csv<text_records::Flight>().format);
}

/// Any bytes as CSV: no crash, no endless loop, no memory without bound.

#include "fuzz/driver/seeds.hpp"
#include "fuzz/lines_of.hpp"
#include "unit/io/text_records.capnp.h"

std::vector<std::string> fuzz::seeds() {
  const std::string header = "date,delay,distance,origin,destination\n";
  return {"\x40\x08" + header + "1,2,3,ABC,DEF\n4,-5,6,\"G\"\"H\",\"I\nJ\"\n",
          "\x01\x01" + header + "2001-01-01 00:10,,3,,\r\n,,,,\r\n",
          "\x02" + std::string{"\0", 1} + "destination;origin\nx;y\n", header};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::read_lines(data, size, weir::csv<text_records::Flight>().format);
}

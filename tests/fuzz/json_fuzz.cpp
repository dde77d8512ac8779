/// Any bytes as JSON lines: no crash, no endless loop, no memory without bound.

#include "fuzz/driver/seeds.hpp"
#include "fuzz/lines_of.hpp"
#include "unit/io/text_records.capnp.h"

std::vector<std::string> fuzz::seeds() {
  return {
      "\x40\x08{\"position\":{\"latitude\":1.5,\"longitude\":-2e3},\"numbers\":[1,-2],\"matrix\":[[0.5],[]]}"
      "\n{}\n",
      "\x01\x01{\"track\":[{\"latitude\":0},null],\"words\":[\"\\u00e9\\ud83d\\ude00\",\"\"],\"blobs\":["
      "\"AAEC\"]}\n",
      "\x02\x02{\"inner\":{\"count\":7,\"label\":\"x\"},\"colours\":[\"red\",2],\"flags\":[true]}\n",
      "\x02\x02[1,2,{\"a\":[[[[]]]]}]\nnull\n\"text\"\n-0.5\ntrue\n", "{\"open\":"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::read_lines(data, size, weir::json_lines<text_records::Nested>().format);
}

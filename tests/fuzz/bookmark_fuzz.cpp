/// Any bytes as a bookmark of files or a receipt of output: what it holds can be written again, or an error.

#include "fuzz/driver/seeds.hpp"
#include "io/files/file_bookmark.hpp"
#include "io/files/part_files.hpp"
#include <weir/assert.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

std::vector<std::string> fuzz::seeds() {
  auto bookmark = weir::io::begin_bookmark();
  weir::io::append_to_bookmark(bookmark, "in/a.csv.zst", {.is_done = true});
  weir::io::append_to_bookmark(bookmark, "in/b.csv", {.offset = 1'234'567, .lines = 89, .records = 77});
  return {weir::io::begin_bookmark(), bookmark,
          weir::io::part_receipt{"storms-0-000042.jsonl", 3, 4'711, 0x1234'5678'9abc'def0}.encoded()};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (const auto files = weir::io::read_bookmark(bytes); files.ok()) {
    std::string again = weir::io::begin_bookmark();
    for (const auto& [path, place] : *files) weir::io::append_to_bookmark(again, path, place);
    WEIR_ASSERT(again.size() <= bytes.size(), "a bookmark grew");
    WEIR_ASSERT(weir::io::read_bookmark(again).or_throw().size() == files->size(), "a bookmark lost a file");
  }
  if (bytes.empty()) return 0;
  if (const auto part = weir::io::part_receipt::decoded(bytes); part.ok()) {
    WEIR_ASSERT(weir::io::part_receipt::decoded(part->encoded()).or_throw().name == part->name,
                "a receipt lost its name");
  }
  return 0;
}

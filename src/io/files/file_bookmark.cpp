#include "io/files/file_bookmark.hpp"

#include <weir/runtime/bytes.hpp>

#include <utility>

namespace weir::io {

namespace {

constexpr std::uint8_t version = 1;

enum class file_state : std::uint8_t { done = 0, begun = 1 };

error damaged(std::size_t files, std::size_t bytes) {
  return {errc::corrupt_input, "a bookmark of files is damaged: " + std::to_string(files) +
                                   " files could be read of its " + std::to_string(bytes) +
                                   " bytes; resume from another snapshot"};
}

}  // namespace

std::string begin_bookmark() { return std::string(1, static_cast<char>(version)); }

void append_to_bookmark(std::string& bookmark, std::string_view path, const file_place& place) {
  byte_writer out{bookmark};
  out.put(place.is_done ? file_state::done : file_state::begun);
  out.put_text(path);
  if (place.is_done) return;
  out.put_count(place.offset);
  out.put_count(place.lines);
  out.put_count(place.records);
}

result<std::vector<file_bookmark>> read_bookmark(std::string_view bookmark) {
  byte_reader in{bookmark};
  const auto written_as = in.take<std::uint8_t>();
  if (written_as > version) {
    return error{errc::unsupported, "a bookmark of files has the format version " +
                                        std::to_string(written_as) + ", this release reads up to " +
                                        std::to_string(version) + "; resume with the release that wrote it"};
  }
  std::vector<file_bookmark> files;
  if (written_as != version) return damaged(files.size(), bookmark.size());
  while (!in.left().empty()) {
    const auto state = in.take<file_state>();
    file_bookmark file{std::string{in.take_text()}, {.is_done = state == file_state::done}};
    if (state == file_state::begun) {
      file.place.offset = in.take_count();
      file.place.lines = in.take_count();
      file.place.records = in.take_count();
    } else if (state != file_state::done) {
      in.fail();
    }
    if (in.has_failed()) return damaged(files.size(), bookmark.size());
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace weir::io

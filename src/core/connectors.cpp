#include <weir/sink.hpp>
#include <weir/source.hpp>

#include <optional>
#include <string>

namespace weir {

result<void> source_reader::resume(std::span<const std::string> bookmarks) {
  if (bookmarks.empty()) return {};
  return error{errc::unsupported,
               "this source cannot go on from where it was: its reader has no bookmark() and resume()"};
}

result<std::string> sink_writer::prepare(std::uint64_t /*epoch*/) {
  if (auto flushed = flush(); !flushed.ok()) return std::move(flushed).failed();
  return std::string{};
}
result<std::optional<std::string>> sink_writer::mark() { return std::optional<std::string>{}; }
result<void> sink_writer::commit(const prepared_output& /*output*/) { return {}; }
result<void> sink_writer::recover(std::span<const prepared_output> /*kept*/) { return {}; }

}  // namespace weir

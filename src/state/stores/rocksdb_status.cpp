#include "state/stores/rocksdb_status.hpp"

namespace weir::state {
namespace {

std::string_view next_step(errc code) noexcept {
  switch (code) {
    case errc::disk_full: return "free space there";
    case errc::corrupt_input: return "remove it and resume from a snapshot";
    default: return "look at the disk and the permissions of the directory";
  }
}

error failed_at(errc code, std::string_view verb, std::string_view path, std::string_view why) {
  std::string message{"cannot "};
  message.append(verb).append(" ").append(path).append(": ").append(why);
  return {code, message.append("; ").append(next_step(code))};
}

}  // namespace

error error_of(const rocksdb::Status& status, std::string_view verb, std::string_view path) {
  auto code = errc::io_failed;
  if (status.IsNoSpace()) code = errc::disk_full;
  if (status.IsCorruption()) code = errc::corrupt_input;
  return failed_at(code, verb, path, status.ToString());
}

error system_error(std::string_view verb, std::string_view path, const std::error_code& failed) {
  const auto is_full = failed == std::errc::no_space_on_device;
  return failed_at(is_full ? errc::disk_full : errc::io_failed, verb, path, failed.message());
}

}  // namespace weir::state

#include "io/capsules/capsule_directory.hpp"

#include "io/bytes/descriptor.hpp"
#include "io/bytes/system_error.hpp"
#include "io/bytes/write_all.hpp"
#include "io/files/directories.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <unistd.h>
#include <utility>
#include <vector>

namespace weir::io {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view ending = ".capsule";
constexpr std::string_view partial_ending = ".capsule.partial";
constexpr std::string_view advice =
    "free some space there, let this user write to it, or choose another directory (--capsules DIR)";

/// The n of `<stem>-<n>.capsule`; 0 where there is none.
std::uint64_t number_of(std::string_view name) {
  name.remove_suffix(ending.size());
  const auto digits = name.substr(std::min(name.rfind('-'), name.size() - 1) + 1);
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return failed == std::errc{} && end == digits.data() + digits.size() && number < ~std::uint64_t{0} ? number
                                                                                                     : 0;
}

bool is_capsule(std::string_view name) { return name.size() > ending.size() && name.ends_with(ending); }

}  // namespace

result<std::shared_ptr<capsule_directory>> capsule_directory::open(std::string path, capsule_bounds bounds) {
  if (auto made = create_directories(path); !made.ok()) return std::move(made).failed();
  if (::faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    return system_error(errno, "write capsules to", path, advice);
  std::shared_ptr<capsule_directory> opened{new capsule_directory{std::move(path), bounds}};
  if (auto looked = opened->look_around(); !looked.ok()) return std::move(looked).failed();
  return opened;
}

/// What earlier runs left. Half-written capsules go.
result<void> capsule_directory::look_around() {
  std::vector<std::tuple<fs::file_time_type, std::uint64_t, kept>> found;
  std::error_code failed;
  for (fs::directory_iterator at{path_, failed}, end; !failed && at != end; at.increment(failed)) {
    const auto name = at->path().filename().string();
    std::error_code ignored;
    if (name.ends_with(partial_ending)) fs::remove(at->path(), ignored);
    if (!is_capsule(name) || !at->is_regular_file(ignored)) continue;
    const auto bytes = at->file_size(ignored);
    if (ignored) continue;
    found.emplace_back(at->last_write_time(ignored), number_of(name), kept{name, bytes});
  }
  if (failed) return system_error(failed.value(), "list", path_, advice);
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a).name) <
           std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b).name);
  });
  for (auto& [time, number, file] : found) {
    next_number_ = std::max(next_number_, number + 1);
    bytes_ += file.bytes;
    files_.push_back(std::move(file));
  }
  return {};
}

std::size_t capsule_directory::bytes_max() const { return bounds_.bytes_max / 4; }

result<std::string> capsule_directory::keep(const std::string& stem, std::string_view file) {
  if (file.size() > bytes_max())
    return error{errc::limit_exceeded, "the capsule has " + std::to_string(file.size()) +
                                           " bytes, more than the limit of " + std::to_string(bytes_max()) +
                                           "; raise --capsules-bytes, or take snapshots more often"};
  const std::lock_guard lock{mutex_};
  make_room(file.size());
  auto name = stem + "-" + std::to_string(next_number_) + std::string{ending};
  if (auto written = write(name, file); !written.ok()) return std::move(written).failed();
  ++next_number_;
  bytes_ += file.size();
  files_.push_back({name, file.size()});
  return path_ + "/" + name;
}

void capsule_directory::make_room(std::uint64_t bytes) {
  while (!files_.empty() && (files_.size() + 1 > bounds_.files_max || bytes_ + bytes > bounds_.bytes_max)) {
    ::unlink((path_ + "/" + files_.front().name).c_str());
    bytes_ -= files_.front().bytes;
    files_.pop_front();
  }
}

result<void> capsule_directory::write(const std::string& name, std::string_view file) const {
  const auto partial = path_ + "/." + name + ".partial";
  const auto path = path_ + "/" + name;
  int failed = 0;
  {
    const descriptor out{::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!out.is_open()) return system_error(errno, "create", partial, advice);
    std::uint64_t ignored = 0;
    failed = write_all(out.number(), file, ignored);
  }
  if (failed == 0 && ::rename(partial.c_str(), path.c_str()) != 0) failed = errno;
  if (failed == 0) return {};
  ::unlink(partial.c_str());
  return system_error(failed, "write", path, advice);
}

}  // namespace weir::io

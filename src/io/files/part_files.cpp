#include "io/files/part_files.hpp"

#include "core/log.hpp"
#include "io/bytes/checksum.hpp"
#include "io/bytes/descriptor.hpp"
#include "io/bytes/system_error.hpp"
#include "io/files/directories.hpp"
#include <weir/runtime/bytes.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <set>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace weir::io {

namespace {

constexpr std::uint8_t receipt_version = 1;
constexpr std::string_view prepared_ending = ".prepared";
constexpr std::string_view in_progress_ending = ".inprogress";

std::string six_digits(std::uint64_t epoch) {
  const std::string digits = std::to_string(epoch);
  return std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

/// Of a regular file; nothing where there is none.
std::optional<std::uint64_t> size_of(const std::string& path) noexcept {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

result<std::uint64_t> checksum_of_file(const std::string& path) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file.is_open()) return system_error(errno, "open", path);
  std::vector<char> buffer(std::size_t{256} << 10);
  running_checksum sum;
  for (;;) {
    const ssize_t got = ::read(file.number(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read", path);
    if (got == 0) return sum.value();
    sum.add({buffer.data(), static_cast<std::size_t>(got)});
  }
}

error gone(const std::string& path, const prepared_output& output, std::uint64_t bytes) {
  return {errc::not_found,
          path + ": the output of epoch " + std::to_string(output.epoch) + ", " + std::to_string(bytes) +
              " bytes, is neither prepared nor there as a whole; put the file back, or start "
              "afresh with another output"};
}

error not_ours(const std::string& path) {
  return {errc::invalid_argument,
          path +
              " is there already, and this job begins: go on with the one that wrote it (--resume "
              "latest), choose another output, or remove what is there"};
}

/// What a kept part is now. `prepared`: under its hidden name.
enum class part_state : std::uint8_t { prepared, final, gone };

part_state state_of(const part_names& names, const part_receipt& part, std::uint64_t epoch) {
  if (size_of(names.path_of(names.prepared_name(part.instance, epoch))) == part.bytes)
    return part_state::prepared;
  return size_of(names.path_of(part.name)) == part.bytes ? part_state::final : part_state::gone;
}

struct numbered_part {
  std::uint32_t instance = 0;
  std::uint64_t epoch = 0;
};

/// Takes `-<number>` off the end of `name`.
std::optional<std::uint64_t> take_number(std::string_view& name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash + 1 == name.size()) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = name.data() + name.size();
  const auto [last, failed] = std::from_chars(name.data() + dash + 1, end, number);
  if (failed != std::errc{} || last != end) return std::nullopt;
  name = name.substr(0, dash);
  return number;
}

/// The instance whose hidden file `name` is, if it is one of the sink's.
std::optional<std::uint64_t> owner_of(const part_names& names, std::string_view name) {
  const std::string whole{name};
  const bool is_prepared = name.ends_with(prepared_ending);
  if (!is_prepared && !name.ends_with(in_progress_ending)) return std::nullopt;
  name.remove_suffix((is_prepared ? prepared_ending : in_progress_ending).size());
  const auto epoch = is_prepared ? take_number(name) : std::uint64_t{0};
  const auto instance = take_number(name);
  if (!epoch || !instance || *instance > UINT32_MAX) return std::nullopt;
  const auto number = static_cast<std::uint32_t>(*instance);
  const bool is_own =
      whole == (is_prepared ? names.prepared_name(number, *epoch) : names.in_progress_name(number));
  return is_own ? instance : std::nullopt;
}

/// Whose final part of which epoch `name` is, if it is one of the sink's, whatever its parallelism was.
std::optional<numbered_part> final_part_of(const part_names& names, std::string_view name) {
  const std::string whole{name};
  if (!name.starts_with(names.stem) || !name.ends_with(names.ending)) return std::nullopt;
  name.remove_suffix(names.ending.size());
  const auto epoch = take_number(name);
  if (!epoch) return std::nullopt;
  auto tried = names;
  for (const bool shows_instance : {true, false}) {
    tried.shows_instance = shows_instance;
    auto rest = name;
    const auto instance = shows_instance ? take_number(rest) : std::uint64_t{0};
    if (!instance || *instance > UINT32_MAX) continue;
    const numbered_part part{static_cast<std::uint32_t>(*instance), *epoch};
    if (tried.final_name(part.instance, part.epoch) == whole) return part;
  }
  return std::nullopt;
}

result<void> remove(const std::string& path) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.is_open() && ::flock(file.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return {};
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return system_error(errno, "remove", path);
}

result<std::vector<std::string>> names_in(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open{::opendir(directory.c_str()), ::closedir};
  if (!open) return system_error(errno, "list the directory", directory);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(open.get())) names.emplace_back(entry->d_name);
  return names;
}

}  // namespace

std::string part_names::final_name(std::uint32_t instance, std::uint64_t epoch) const {
  return stem + (shows_instance ? "-" + std::to_string(instance) : "") + "-" + six_digits(epoch) + ending;
}

std::string part_names::pattern(std::uint32_t instance) const {
  return stem + (shows_instance ? "-" + std::to_string(instance) : "") + "-*" + ending;
}

std::string part_names::prepared_name(std::uint32_t instance, std::uint64_t epoch) const {
  return "." + stem + ending + "-" + std::to_string(instance) + "-" + six_digits(epoch) +
         std::string{prepared_ending};
}

std::string part_names::in_progress_name(std::uint32_t instance) const {
  return "." + stem + ending + "-" + std::to_string(instance) + std::string{in_progress_ending};
}

std::string part_names::path_of(std::string_view name) const {
  if (directory.empty()) return std::string{name};
  return directory + (directory.ends_with('/') ? "" : "/") + std::string{name};
}

std::string part_receipt::encoded() const {
  std::string receipt;
  byte_writer to{receipt};
  to.put(receipt_version);
  to.put_text(name);
  to.put(instance);
  to.put(bytes);
  to.put(checksum);
  return receipt;
}

result<part_receipt> part_receipt::decoded(std::string_view receipt) {
  byte_reader from{receipt};
  const auto version = from.take<std::uint8_t>();
  if (version > receipt_version) {
    return error{errc::unsupported, "a receipt of output files has the format version " +
                                        std::to_string(version) + ", this release reads up to " +
                                        std::to_string(receipt_version) +
                                        "; resume with the release that wrote it"};
  }
  part_receipt part;
  part.name = from.take_text();
  part.instance = from.take<std::uint32_t>();
  part.bytes = from.take<std::uint64_t>();
  part.checksum = from.take<std::uint64_t>();
  const bool is_name =
      !part.name.empty() && part.name.find_first_of(std::string_view{"/\0", 2}) == std::string::npos;
  if (version != 0 && from.is_done() && is_name) return part;
  return error{errc::corrupt_input, "a receipt of output files is damaged; resume from another snapshot"};
}

result<void> commit_part(const part_names& names, const prepared_output& output) {
  if (output.receipt.empty()) return {};
  const auto part = part_receipt::decoded(output.receipt);
  if (!part.ok()) return part.failed();
  const std::string path = names.path_of(part->name);
  switch (state_of(names, *part, output.epoch)) {
    case part_state::gone: return gone(path, output, part->bytes);
    case part_state::final: break;
    case part_state::prepared:
      const std::string prepared = names.path_of(names.prepared_name(part->instance, output.epoch));
      if (::rename(prepared.c_str(), path.c_str()) != 0)
        return system_error(errno, "rename " + prepared + " to", path);
  }
  return sync_directory(directory_of(path));
}

result<bool> take_back_part(const part_names& names, std::uint32_t instance,
                            std::span<const prepared_output> prepared) {
  std::set<std::string> known;
  for (const prepared_output& output : prepared) known.insert(names.prepared_name(instance, output.epoch));
  const auto found = names_in(names.directory.empty() ? "." : names.directory);
  if (!found.ok()) return found.failed();
  for (const std::string& name : *found) {
    if (!name.ends_with(prepared_ending) || owner_of(names, name) != instance || known.contains(name))
      continue;
    const std::string to = names.path_of(names.in_progress_name(instance));
    if (::rename(names.path_of(name).c_str(), to.c_str()) == 0) return true;
    return system_error(errno, "rename " + names.path_of(name) + " to", to);
  }
  return false;
}

result<void> recover_parts(const part_names& names, const part_share& share,
                           std::span<const prepared_output> kept) {
  std::set<std::string> kept_names;
  for (const prepared_output& output : kept) {
    if (output.receipt.empty()) continue;
    const auto part = part_receipt::decoded(output.receipt);
    if (!part.ok()) return part.failed();
    const auto state = state_of(names, *part, output.epoch);
    if (state == part_state::gone) return gone(names.path_of(part->name), output, part->bytes);
    if (state == part_state::final) continue;
    std::string name = names.prepared_name(part->instance, output.epoch);
    const auto checksum = checksum_of_file(names.path_of(name));
    if (!checksum.ok()) return checksum.failed();
    if (*checksum != part->checksum)
      return error{errc::corrupt_input, names.path_of(name) + " is not what was prepared for epoch " +
                                            std::to_string(output.epoch) + "; its checksum does not fit"};
    kept_names.insert(std::move(name));
  }
  const auto found = names_in(names.directory.empty() ? "." : names.directory);
  if (!found.ok()) return found.failed();
  auto last = share.epoch;
  if (!last && !kept.empty()) last = kept.back().epoch;
  std::uint64_t undone = 0;
  for (const std::string& name : *found) {
    const auto final = last ? final_part_of(names, name) : std::nullopt;
    if (final && *last == 0) return not_ours(names.path_of(name));
    if (final && final->epoch > *last && final->instance % share.parallelism == share.instance) {
      if (auto removed = remove(names.path_of(name)); !removed.ok()) return removed;
      ++undone;
      continue;
    }
    const auto owner = owner_of(names, name);
    if (!owner || *owner % share.parallelism != share.instance || kept_names.contains(name)) continue;
    if (auto removed = remove(names.path_of(name)); !removed.ok()) return removed;
  }
  if (undone > 0)
    log::warn("output of epochs that are done again was removed",
              {{"output", names.path_of(names.stem)}, {"files", std::to_string(undone)}});
  return {};
}

}  // namespace weir::io

#include "io/snapshots/kept_files.hpp"
#include "io/snapshots/snapshot_names.hpp"
#include "launcher/json_writer.hpp"
#include "launcher/readable.hpp"
#include "snapshot_tool/snapshot_reports.hpp"

#include <array>
#include <cstdio>
#include <optional>
#include <vector>

namespace weir::snapshot_tool {
namespace {

struct damage {
  std::string file;
  std::string what;
};

std::string in_hexadecimal(std::uint64_t number) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
  return text.data();
}

/// Nothing: the file is as it was kept. Errors are those of the system: nobody knows then.
result<std::optional<std::string>> damage_of(const io::kept_file& file, const std::string& location) {
  if (auto good = io::check_name(file.name, "file"); !good.ok()) return std::optional{good.failed().message};
  const auto found = io::digest_of(location + "/" + file.name);
  if (!found.ok()) {
    if (found.failed().code == errc::not_found || found.failed().code == errc::invalid_argument)
      return std::optional{found.failed().message};
    return found.failed();
  }
  if (found->bytes != file.bytes)
    return std::optional{"it has " + std::to_string(found->bytes) + " bytes, expected " +
                         std::to_string(file.bytes)};
  if (found->checksum != file.checksum)
    return std::optional{"its checksum is " + in_hexadecimal(found->checksum) + ", expected " +
                         in_hexadecimal(file.checksum)};
  return std::optional<std::string>{};
}

std::string verified_json(const snapshot_contents& contents, const std::string& location,
                          const std::vector<damage>& damages) {
  launcher::json_writer json;
  json.begin_object().member("path", location).member("files", std::uint64_t{contents.files.size()});
  json.member("bytes", contents.bytes).key("damaged").begin_array();
  for (const auto& each : damages)
    json.begin_object().member("file", each.file).member("what", each.what).end_object();
  json.end_array().end_object();
  return json.text() + "\n";
}

std::string verified_text(const snapshot_contents& contents, const std::string& location,
                          const std::vector<damage>& damages) {
  std::string text;
  for (const auto& each : damages) text += "damaged: " + location + "/" + each.file + ": " + each.what + "\n";
  const auto files = std::to_string(contents.files.size()) + " files, " +
                     launcher::readable_bytes(static_cast<double>(contents.bytes));
  if (damages.empty()) return location + ": " + files + ", all as they were written\n";
  return text + location + ": " + std::to_string(damages.size()) + " of " + files +
         " damaged; it cannot be resumed from, use an earlier one\n";
}

}  // namespace

result<bool> print_verified(const snapshot_contents& contents, const std::string& location, bool as_json,
                            const printer& print) {
  std::vector<damage> damages;
  for (const auto& file : contents.files) {
    auto found = damage_of(file, location);
    if (!found.ok()) return found.failed();
    if (*found) damages.push_back({file.name, **found});
  }
  print(as_json ? verified_json(contents, location, damages) : verified_text(contents, location, damages));
  return damages.empty();
}

}  // namespace weir::snapshot_tool

#include "io/bytes/checksum.hpp"
#include "io/files/file_reader.hpp"
#include "io/files/input_files.hpp"
#include "io/formats/line_parser.hpp"
#include <weir/sources.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

namespace {

/// The files of a source, listed once for all its instances: each file must be dealt to exactly one.
class file_listing {
 public:
  explicit file_listing(file_set from) : from_{std::move(from)} {}

  result<std::shared_ptr<const std::vector<io::input_file>>> all() {
    const std::lock_guard lock{mutex_};
    if (!files_) {
      auto listed = io::resolve(from_);
      if (!listed.ok()) return std::move(listed).failed();
      files_ = std::make_shared<const std::vector<io::input_file>>(std::move(*listed));
    }
    return files_;
  }

 private:
  std::mutex mutex_;
  file_set from_;
  std::shared_ptr<const std::vector<io::input_file>> files_;
};

std::string_view name_of(line_format::kind how) noexcept {
  constexpr std::string_view names[] = {"csv", "json lines", "lines", "text"};
  return names[static_cast<std::size_t>(how)];
}

bool has_pipes(const file_set& from) {
  const auto listed = io::resolve(from);
  return listed.ok() &&
         std::any_of(listed->begin(), listed->end(), [](const auto& file) { return !file.is_regular; });
}

using input_files = std::vector<io::input_file>;
using known_files = std::shared_ptr<const input_files>;

/// Every `stride`th file from `first` on.
input_files every(const input_files& files, std::size_t first, std::size_t stride) {
  input_files chosen;
  for (auto i = first; i < files.size(); i += stride) chosen.push_back(files[i]);
  return chosen;
}

result<std::unique_ptr<source_reader>> open_files(input_files files, known_files all,
                                                  const line_format& format, const io::read_sizes& sizes) {
  auto parser = io::make_line_parser(format);
  if (!parser.ok()) return std::move(parser).failed();
  auto reader = std::make_unique<io::file_reader>(std::move(files), std::move(*parser), format.line_bytes_max,
                                                  sizes, std::move(all));
  if (auto fits = reader->check_headers(); !fits.ok()) return std::move(fits).failed();
  return std::unique_ptr<source_reader>{std::move(reader)};
}

result<std::unique_ptr<source_reader>> open_share(file_listing& files, const line_format& format,
                                                  const source_split& split) {
  auto all = files.all();
  if (!all.ok()) return std::move(all).failed();
  return open_files(every(**all, split.instance, split.parallelism), *all, format, {});
}

/// Its path; of several files, all that makes them the same ones.
std::string name_of(const input_files& files) {
  if (files.size() == 1) return files.front().path;
  io::running_checksum paths;
  for (const auto& file : files) {
    paths.add(file.path);
    paths.add({"", 1});
  }
  return files.front().path + " and " + std::to_string(files.size() - 1) + " more (" +
         std::to_string(paths.value()) + ")";
}

double bytes_of(const input_files& files) {
  double bytes = 0;
  for (const auto& file : files) bytes += static_cast<double>(file.bytes);
  return bytes;
}

/// A part is a file, or where there are too many for that a chain of them, each of which comes later by its name.
result<std::vector<source_part>> open_parts(file_listing& files, const line_format& format,
                                            const source_split& split) {
  constexpr std::size_t parts_max = 64;
  auto all = files.all();
  if (!all.ok()) return std::move(all).failed();
  const auto share = every(**all, split.instance, split.parallelism);
  const auto count = std::min(share.size(), parts_max);
  io::read_sizes sizes;
  if (count > 1) sizes.patience_ms = 0;
  std::vector<source_part> parts;
  for (std::size_t i = 0; i < count; ++i) {
    auto chain = every(share, i, count);
    source_part part{name_of(chain), nullptr, bytes_of(chain)};
    auto reader = open_files(std::move(chain), *all, format, sizes);
    if (!reader.ok()) return std::move(reader).failed();
    part.reader = *std::move(reader);
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

source_spec file_source(const file_set& from, const line_format& format) {
  const auto files = std::make_shared<file_listing>(from);
  source_spec spec{format.type, {}, {}, has_pipes(from)};
  spec.description = std::string{name_of(format.how)} + " " + from.pattern;
  spec.open = [files, format](const source_split& split) { return open_share(*files, format, split); };
  spec.open_parts = [files, format](const source_split& split) { return open_parts(*files, format, split); };
  return spec;
}

}  // namespace weir

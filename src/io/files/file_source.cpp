#include "io/files/file_reader.hpp"
#include "io/files/input_files.hpp"
#include "io/formats/line_parser.hpp"
#include <weir/sources.hpp>

#include <algorithm>
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

result<std::unique_ptr<source_reader>> open_share(file_listing& files, const line_format& format,
                                                  const source_split& split) {
  auto parser = io::make_line_parser(format);
  if (!parser.ok()) return std::move(parser).failed();
  auto all = files.all();
  if (!all.ok()) return std::move(all).failed();
  std::vector<io::input_file> share;
  for (std::size_t i = split.instance; i < (*all)->size(); i += split.parallelism)
    share.push_back((**all)[i]);
  auto reader = std::make_unique<io::file_reader>(std::move(share), std::move(*parser), format.line_bytes_max,
                                                  io::read_sizes{}, *std::move(all));
  if (auto fits = reader->check_headers(); !fits.ok()) return std::move(fits).failed();
  return std::unique_ptr<source_reader>{std::move(reader)};
}

}  // namespace

source_spec file_source(const file_set& from, const line_format& format) {
  const auto files = std::make_shared<file_listing>(from);
  source_spec spec{format.type, {}, {}, has_pipes(from)};
  spec.description = std::string{name_of(format.how)} + " " + from.pattern;
  spec.open = [files, format](const source_split& split) { return open_share(*files, format, split); };
  return spec;
}

}  // namespace weir

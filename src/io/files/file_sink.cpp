#include "io/bytes/output_stream.hpp"
#include "io/files/output_file.hpp"
#include "io/formats/record_formatter.hpp"
#include <weir/sinks.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <utility>

namespace weir {

namespace io {

namespace {

using formatter_factory = result<std::unique_ptr<record_formatter>> (*)(const record_type&);

/// What tells the text formats of sinks apart.
struct text_format {
  formatter_factory make;
  std::string_view name;
  std::string_view ending;                  ///< of files in a directory
  std::array<std::string_view, 3> endings;  ///< a path that ends like this is a file
};

constexpr text_format json_format{make_json_formatter, "json", ".jsonl", {".jsonl", ".json", ".ndjson"}};
constexpr text_format csv_format{make_csv_formatter, "csv", ".csv", {".csv", ".csv", ".csv"}};

/// Batches of so many bytes go to the system at once.
constexpr std::size_t buffer_bytes = std::size_t{256} << 10;

bool is_directory(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::string file_of(const std::string& path, const text_format& format, const sink_part& part) {
  const std::string number = std::to_string(part.instance);
  for (const std::string_view ending : format.endings) {
    if (!path.ends_with(ending) || is_directory(path)) continue;
    if (part.parallelism == 1) return path;
    return path.substr(0, path.size() - ending.size()) + "-" + number + std::string{ending};
  }
  std::string name = part.operator_name;
  std::replace(name.begin(), name.end(), '/', '_');
  return path + (path.ends_with('/') ? "" : "/") + name + "-" + number + std::string{format.ending};
}

/// Formats batches into one buffer and writes that when it is full.
/// `To` is an output_file or an output_stream.
template <class To>
class text_sink final : public sink_writer {
 public:
  text_sink(std::unique_ptr<To> to, std::unique_ptr<record_formatter> formatter)
      : to_{std::move(to)}, formatter_{std::move(formatter)} {
    formatter_->append_header(text_);
  }

  result<void> write(const batch_view& records) override {
    try {
      formatter_->append(records, text_);
    } catch (const kj::Exception& damaged) {
      return error{errc::io_failed,
                   "cannot write a record to " + to_->path() + ": " + damaged.getDescription().cStr()};
    }
    return text_.size() < buffer_bytes ? result<void>{} : flush();
  }

  result<void> flush() override {
    auto written = to_->write(text_.view());
    text_.clear();
    return written;
  }

  result<void> finish() override {
    if (auto flushed = flush(); !flushed.ok()) return flushed;
    return to_->finish();
  }

  void abandon() noexcept override { to_->abandon(); }
  std::string destination() const override { return to_->path(); }
  std::uint64_t bytes_written() const override { return to_->bytes_written(); }

 private:
  std::unique_ptr<To> to_;
  std::unique_ptr<record_formatter> formatter_;
  text_buffer text_;
};

template <class To>
result<std::unique_ptr<sink_writer>> sink_of(result<std::unique_ptr<To>> to, const text_format& format,
                                             const record_type& type) {
  if (!to.ok()) return std::move(to).failed();
  auto formatter = format.make(type);
  if (!formatter.ok()) return std::move(formatter).failed();
  return std::unique_ptr<sink_writer>{std::make_unique<text_sink<To>>(std::move(*to), std::move(*formatter))};
}

/// All sinks of the process share standard output: lines of two must not run into each other.
const std::shared_ptr<std::mutex>& standard_output_turn() {
  static const auto turn = std::make_shared<std::mutex>();
  return turn;
}

sink_spec standard_output(const text_format& format) {
  sink_spec spec;
  spec.description = std::string{format.name} + " to standard output";
  spec.open = [format](const sink_part& part) {
    return sink_of(output_stream::standard_output(standard_output_turn()), format, part.type);
  };
  return spec;
}

sink_spec files(const std::string& path, const text_format& format) {
  if (path == "-") return standard_output(format);
  sink_spec spec;
  spec.description = std::string{format.name} + " " + path;
  spec.open = [path, format](const sink_part& part) -> result<std::unique_ptr<sink_writer>> {
    if (path.empty()) return error{errc::invalid_argument, "the path of the output is empty"};
    return sink_of(output_file::open(file_of(path, format, part)), format, part.type);
  };
  return spec;
}

}  // namespace

}  // namespace io

sink_spec json_files(std::string path) { return io::files(path, io::json_format); }
sink_spec csv_files(std::string path) { return io::files(path, io::csv_format); }
sink_spec json_stdout() { return io::standard_output(io::json_format); }

}  // namespace weir

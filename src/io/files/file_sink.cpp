#include "io/bytes/checksum.hpp"
#include "io/bytes/output_stream.hpp"
#include "io/files/directories.hpp"
#include "io/files/output_file.hpp"
#include "io/files/part_files.hpp"
#include "io/formats/record_formatter.hpp"
#include <weir/runtime/bytes.hpp>
#include <weir/sinks.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <sys/stat.h>
#include <type_traits>
#include <unistd.h>
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

/// Where a path points to, for one part of a sink.
struct output_names {
  std::string path;  ///< of the whole output of the instance
  part_names parts;
};

output_names names_of(const std::string& path, const text_format& format, const sink_part& part) {
  const std::string number = std::to_string(part.instance);
  for (const std::string_view ending : format.endings) {
    if (!path.ends_with(ending) || is_directory(path)) continue;
    const std::string stem = path.substr(0, path.size() - ending.size());
    const std::string name = stem.substr(stem.rfind('/') + 1);  // npos + 1 is 0
    const bool shows_instance = part.parallelism > 1;
    return {shows_instance ? stem + "-" + number + std::string{ending} : path,
            {directory_of(path), name, std::string{ending}, shows_instance}};
  }
  std::string name = part.operator_name;
  std::replace(name.begin(), name.end(), '/', '_');
  part_names parts{path, name, std::string{format.ending}, true};
  return {parts.path_of(name + "-" + number + std::string{format.ending}), std::move(parts)};
}

result<void> append(const record_formatter& formatter, const batch_view& records, text_buffer& to,
                    const std::string& path) {
  try {
    formatter.append(records, to);
    return {};
  } catch (const kj::Exception& damaged) {
    return error{errc::io_failed,
                 "cannot write a record to " + path + ": " + damaged.getDescription().cStr()};
  }
}

/// Formats batches into one buffer and writes that when it is full.
/// `To` is an output_file, which is cut back after a failure, or an output_stream.
template <class To>
class text_sink final : public sink_writer {
 public:
  text_sink(std::unique_ptr<To> to, std::unique_ptr<record_formatter> formatter)
      : to_{std::move(to)}, formatter_{std::move(formatter)} {
    formatter_->append_header(text_);
  }

  result<void> write(const batch_view& records) override {
    if (auto appended = append(*formatter_, records, text_, to_->path()); !appended.ok()) return appended;
    return text_.size() < buffer_bytes ? result<void>{} : flush();
  }

  result<void> flush() override {
    auto written = to_->write(text_.view());
    text_.clear();
    return written;
  }

  /// The receipt is the length of the file: it holds as long as the process.
  result<std::string> prepare(std::uint64_t /*epoch*/) override {
    if (auto flushed = flush(); !flushed.ok()) return std::move(flushed).failed();
    std::string receipt;
    if (is_exactly_once()) byte_writer{receipt}.put(to_->bytes_written());
    return receipt;
  }

  result<std::optional<std::string>> mark() override {
    if (!is_exactly_once()) return std::optional<std::string>{};
    auto receipt = prepare(0);
    if (!receipt.ok()) return std::move(receipt).failed();
    return std::optional{*std::move(receipt)};
  }

  result<void> recover(std::span<const prepared_output> kept) override {
    if constexpr (is_file) {
      std::uint64_t bytes = 0;
      if (!kept.empty()) {
        byte_reader from{kept.back().receipt};
        bytes = from.take<std::uint64_t>();
        if (!from.is_done())
          return error{errc::corrupt_input, "the receipt of " + to_->path() + " is damaged"};
      }
      if (bytes > 0) text_.clear();  // the header is among them
      return to_->cut_back(bytes);
    }
    return {};
  }

  bool is_exactly_once() const override { return is_file; }

  result<void> finish() override {
    if (auto flushed = flush(); !flushed.ok()) return flushed;
    return to_->finish();
  }

  void abandon() noexcept override { to_->abandon(); }
  std::string destination() const override { return to_->path(); }
  std::uint64_t bytes_written() const override { return to_->bytes_written(); }

 private:
  static constexpr bool is_file = std::is_same_v<To, output_file>;

  std::unique_ptr<To> to_;
  std::unique_ptr<record_formatter> formatter_;
  text_buffer text_;
};

/// One file per epoch that has records, final when it is committed.
class part_sink final : public sink_writer {
 public:
  static result<std::unique_ptr<sink_writer>> open(output_names names, const sink_part& part,
                                                   std::unique_ptr<record_formatter> formatter) {
    std::unique_ptr<part_sink> sink{new part_sink{std::move(names), part, std::move(formatter)}};
    if (auto begun = sink->begin_part(); !begun.ok()) return std::move(begun).failed();
    return std::unique_ptr<sink_writer>{std::move(sink)};
  }

  result<void> write(const batch_view& records) override {
    if (records.size() == 0) return {};
    if (!std::exchange(has_records_, true)) formatter_->append_header(text_);
    if (auto appended = append(*formatter_, records, text_, names_.path); !appended.ok()) return appended;
    return text_.size() < buffer_bytes ? result<void>{} : flush();
  }

  result<void> flush() override {
    if (text_.size() == 0) return {};
    checksum_.add(text_.view());
    auto written = to_->write(text_.view());
    text_.clear();
    return written;
  }

  result<std::string> prepare(std::uint64_t epoch) override {
    if (!has_records_) return last_.epoch == epoch ? last_.receipt : std::string{};
    if (auto flushed = flush(); !flushed.ok()) return std::move(flushed).failed();
    const part_names& parts = names_.parts;
    const part_receipt receipt{parts.final_name(share_.instance, epoch), share_.instance,
                               to_->bytes_written(), checksum_.value()};
    if (auto done = to_->finish_as(parts.path_of(parts.prepared_name(share_.instance, epoch))); !done.ok())
      return std::move(done).failed();
    last_ = {epoch, receipt.encoded()};
    bytes_before_ += receipt.bytes;
    if (auto begun = begin_part(); !begun.ok()) return std::move(begun).failed();
    return last_.receipt;
  }

  result<std::optional<std::string>> mark() override {
    if (!has_records_) return std::optional{std::string{}};
    if (auto flushed = flush(); !flushed.ok()) return std::move(flushed).failed();
    std::string receipt;
    byte_writer to{receipt};
    to.put(to_->bytes_written());
    to.put_text(checksum_.image());
    return std::optional{std::move(receipt)};
  }

  result<void> commit(const prepared_output& output) override { return commit_part(names_.parts, output); }
  /// What this instance left in progress is overwritten, but for what lies before a mark.
  result<void> recover(std::span<const prepared_output> kept) override {
    if (share_.epoch == 0 && ::access(names_.path.c_str(), F_OK) == 0)
      return error{errc::invalid_argument,
                   names_.path +
                       " is there already, of a run without snapshots; choose another "
                       "output, or remove it"};
    if (kept.empty() || !kept.back().is_mark) return recover_parts(names_.parts, share_, kept);
    const auto prepared = kept.first(kept.size() - 1);
    if (auto resumed = go_on_from(kept.back().receipt, prepared); !resumed.ok()) return resumed;
    return recover_parts(names_.parts, share_, prepared);
  }
  bool is_exactly_once() const override { return true; }
  result<void> finish() override {
    to_->abandon();
    return {};
  }
  void abandon() noexcept override { to_->abandon(); }
  std::string destination() const override {
    return names_.parts.path_of(names_.parts.pattern(share_.instance));
  }
  std::uint64_t bytes_written() const override { return bytes_before_ + to_->bytes_written(); }

 private:
  part_sink(output_names names, const sink_part& part, std::unique_ptr<record_formatter> formatter)
      : names_{std::move(names)},
        share_{part.instance, part.parallelism, part.epoch},
        formatter_{std::move(formatter)} {}

  result<void> begin_part() {
    if (auto opened = open_part(); !opened.ok()) return opened;
    checksum_.restart();
    has_records_ = false;
    return {};
  }

  result<void> go_on_from(const std::string& mark, std::span<const prepared_output> prepared) {
    if (mark.empty()) return {};
    byte_reader from{mark};
    const auto bytes = from.take<std::uint64_t>();
    const auto checksum = from.take_text();
    if (!from.is_done() || !checksum_.restore(checksum))
      return error{errc::corrupt_input, "the mark of " + names_.path + " is damaged"};
    auto taken_back = take_back_part(names_.parts, share_.instance, prepared);
    if (!taken_back.ok()) return std::move(taken_back).failed();
    if (*taken_back)
      if (auto opened = open_part(); !opened.ok()) return opened;
    text_.clear();
    has_records_ = true;
    return to_->cut_back(bytes);
  }

  result<void> open_part() {
    const part_names& parts = names_.parts;
    auto opened = output_file::open(names_.path, parts.path_of(parts.in_progress_name(share_.instance)));
    if (!opened.ok()) return std::move(opened).failed();
    to_ = std::move(*opened);
    return {};
  }

  output_names names_;
  part_share share_;
  std::unique_ptr<record_formatter> formatter_;
  std::unique_ptr<output_file> to_;
  text_buffer text_;
  running_checksum checksum_;  // of what to_ was given
  bool has_records_ = false;   // in the part that is being written
  prepared_output last_;
  std::uint64_t bytes_before_ = 0;  // in the parts before
};

template <class To>
result<std::unique_ptr<sink_writer>> sink_of(result<std::unique_ptr<To>> to,
                                             std::unique_ptr<record_formatter> formatter) {
  if (!to.ok()) return std::move(to).failed();
  return std::unique_ptr<sink_writer>{std::make_unique<text_sink<To>>(std::move(*to), std::move(formatter))};
}

/// All sinks of the process share standard output: lines of two must not run into each other.
const std::shared_ptr<std::mutex>& standard_output_turn() {
  static const auto turn = std::make_shared<std::mutex>();
  return turn;
}

sink_spec standard_output(const text_format& format) {
  sink_spec spec;
  spec.description = std::string{format.name} + " to standard output";
  spec.open = [format](const sink_part& part) -> result<std::unique_ptr<sink_writer>> {
    auto formatter = format.make(part.type);
    if (!formatter.ok()) return std::move(formatter).failed();
    return sink_of(output_stream::standard_output(standard_output_turn()), std::move(*formatter));
  };
  return spec;
}

sink_spec files(const std::string& path, const text_format& format) {
  if (path == "-") return standard_output(format);
  sink_spec spec;
  spec.description = std::string{format.name} + " " + path;
  spec.open = [path, format](const sink_part& part) -> result<std::unique_ptr<sink_writer>> {
    if (path.empty()) return error{errc::invalid_argument, "the path of the output is empty"};
    auto formatter = format.make(part.type);
    if (!formatter.ok()) return std::move(formatter).failed();
    auto names = names_of(path, format, part);
    if (part.commits) return part_sink::open(std::move(names), part, std::move(*formatter));
    return sink_of(output_file::open(names.path), std::move(*formatter));
  };
  return spec;
}

}  // namespace

}  // namespace io

sink_spec json_files(std::string path) { return io::files(path, io::json_format); }
sink_spec csv_files(std::string path) { return io::files(path, io::csv_format); }
sink_spec json_stdout() { return io::standard_output(io::json_format); }

}  // namespace weir

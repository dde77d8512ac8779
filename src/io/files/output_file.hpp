#pragma once
/// A file that looks final only once it is.

#include "io/bytes/descriptor.hpp"
#include <weir/error.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::io {

/// Writes `.<name>.inprogress` beside `<name>` and renames it at finish(). Holds a lock meanwhile, so that no other
/// instance, sink or process writes the same file. What was left behind under the temporary name is overwritten by the first
/// write(), unless cut_back() said how much of it counts. abandon() removes the temporary file; destroyed without that and
/// without finish(), it stays for whoever goes on. Confined to its owner.
class output_file {
 public:
  /// Creates the directory if it is missing. invalid_argument: somebody is writing this file already.
  [[nodiscard]] static result<std::unique_ptr<output_file>> open(const std::string& path);
  /// The same with another temporary name, which is a path in the same directory.
  [[nodiscard]] static result<std::unique_ptr<output_file>> open(const std::string& path,
                                                                 std::string temporary);

  ~output_file() = default;
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;

  /// Hands everything to the system. disk_full names the path, what was written and the next step.
  result<void> write(std::string_view text);
  /// Goes on behind the first `bytes` of what was left behind or written; the rest is lost. corrupt_input: there are not as
  /// many.
  result<void> cut_back(std::uint64_t bytes);
  /// To the disk, then renamed, then the directory to the disk.
  result<void> finish() { return finish_as(path_); }
  /// The same under another name in the same directory.
  result<void> finish_as(const std::string& path);
  /// Removes the temporary file: nothing stays of an output that did not end.
  void abandon() noexcept;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// With those that cut_back() kept.
  [[nodiscard]] std::uint64_t bytes_written() const noexcept { return bytes_written_; }

 private:
  output_file(std::string path, std::string temporary, descriptor file);
  [[nodiscard]] error write_error(int error_number) const;

  std::string path_;
  std::string temporary_;
  descriptor file_;
  bool has_begun_ = false;  // what was left behind is cut off
  std::uint64_t bytes_written_ = 0;
};

}  // namespace weir::io

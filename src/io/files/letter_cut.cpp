#include "io/files/letter_cut.hpp"

#include "io/bytes/descriptor.hpp"
#include "io/bytes/system_error.hpp"
#include "io/bytes/text_buffer.hpp"
#include "io/files/output_file.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace weir::io {

namespace {

constexpr std::string_view epoch_key = "{\"epoch\":";
/// As much of a line as says its epoch.
constexpr std::size_t head_bytes = 32;
constexpr std::size_t buffer_bytes = std::size_t{256} << 10;

/// Copies the lines that stay, in portions of any size.
class letter_filter {
 public:
  letter_filter(output_file& to, std::uint64_t epoch_max) : to_{to}, epoch_max_{epoch_max} {}

  result<void> add(std::string_view text) {
    while (!text.empty()) {
      const std::string_view part = is_decided_ ? line_part(text) : head_part(text);
      text.remove_prefix(part.size());
      if (is_decided_) {
        keep(part);
      } else {
        head_.append(part);
        if (head_.size() == head_bytes || part.ends_with('\n')) decide();
      }
      last_ = part.back();
      if (last_ == '\n') begin_line();
    }
    return kept_.size() < buffer_bytes ? result<void>{} : flush();
  }

  result<void> end() {
    if (!is_decided_ && !head_.empty()) decide();
    const bool is_whole = last_ == '}';
    if (last_ != '\n' && last_ != '\0' && is_whole) keep("\n");
    if (auto flushed = flush(); !flushed.ok()) return flushed;
    if (last_ != '\n' && !is_whole)
      if (auto cut = to_.cut_back(line_begin_); !cut.ok()) return cut;
    return to_.finish();
  }

  [[nodiscard]] std::uint64_t removed() const noexcept { return removed_; }

 private:
  static std::string_view line_part(std::string_view text) {
    const std::size_t end = text.find('\n');
    return end == std::string_view::npos ? text : text.substr(0, end + 1);
  }
  std::string_view head_part(std::string_view text) const {
    return line_part(text.substr(0, head_bytes - head_.size()));
  }

  void decide() {
    is_decided_ = true;
    stays_ = true;
    if (head_.starts_with(epoch_key)) {
      std::uint64_t epoch = 0;
      const auto [end, failed] =
          std::from_chars(head_.data() + epoch_key.size(), head_.data() + head_.size(), epoch);
      stays_ = failed != std::errc{} || epoch <= epoch_max_;
      if (!stays_) ++removed_;
    }
    keep(head_);
    head_.clear();
  }

  void begin_line() {
    is_decided_ = false;
    line_begin_ = kept_bytes_;
  }

  void keep(std::string_view text) {
    if (!stays_) return;
    kept_.append(text);
    kept_bytes_ += text.size();
  }

  result<void> flush() {
    auto written = to_.write(kept_.view());
    kept_.clear();
    return written;
  }

  output_file& to_;
  const std::uint64_t epoch_max_;
  std::string head_;  // of a line of which it is not known whether it stays
  bool is_decided_ = false;
  bool stays_ = true;
  char last_ = '\0';
  text_buffer kept_;
  std::uint64_t removed_ = 0;
  std::uint64_t kept_bytes_ = 0;
  std::uint64_t line_begin_ = 0;  // in what is kept
};

}  // namespace

result<std::uint64_t> cut_letters(const std::string& path, std::uint64_t epoch_max) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return std::uint64_t{0};
    return system_error(errno, "look at", path);
  }
  if (!S_ISREG(status.st_mode)) return std::uint64_t{0};
  const descriptor from{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!from.is_open())
    return system_error(errno, "read", path, "let this user read it, or choose another path");
  auto to = output_file::open(path);
  if (!to.ok()) return std::move(to).failed();
  letter_filter filter{**to, epoch_max};
  std::vector<char> buffer(buffer_bytes);
  result<void> done;
  for (ssize_t got = 1; done.ok() && got != 0;) {
    got = ::read(from.number(), buffer.data(), buffer.size());
    if (got > 0) done = filter.add({buffer.data(), static_cast<std::size_t>(got)});
    if (got < 0 && errno != EINTR) done = system_error(errno, "read", path);
  }
  if (done.ok()) done = filter.end();
  if (done.ok()) return filter.removed();
  (*to)->abandon();
  return std::move(done).failed();
}

}  // namespace weir::io

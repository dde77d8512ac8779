#include "io/files/letter_walk.hpp"

#include "io/bytes/system_error.hpp"
#include <weir/sources.hpp>

#include <capnp/any.h>
#include <capnp/message.h>

#include <cerrno>
#include <string_view>
#include <sys/stat.h>
#include <utility>
#include <vector>

namespace weir::io {
namespace {

/// Content and record of a letter are bounded; a reason that somebody's behavior gave may be long.
constexpr std::size_t line_bytes_max = std::size_t{4} << 20;

/// Hands over each line's letter as soon as it is whole.
class letter_taker final : public record_appender {
 public:
  letter_taker(const file_reader& from, const letter_walk::visitor& visit,
               const std::function<bool()>& wants_more)
      : from_{from}, visit_{visit}, wants_more_{wants_more} {}

  capnp::AnyStruct::Builder append() override {
    message_ = std::make_unique<capnp::MallocMessageBuilder>();
    return capnp::toAny(message_->initRoot<wire::DeadLetter>());
  }
  void commit() override {
    auto visited = visit_(message_->getRoot<wire::DeadLetter>().asReader(), place());
    if (!visited.ok()) failed_ = std::move(visited).failed();
  }
  void discard() override {}
  bool wants_more() const override { return !failed_ && wants_more_(); }
  result<void> bad_record(errc, std::string_view reason, std::string_view position,
                          std::string_view) override {
    return error{errc::corrupt_input, std::string{position} + ": this is no dead letter: " +
                                          std::string{reason} + "; mend the line or take it out"};
  }
  void count_input(std::uint64_t) override {}

  [[nodiscard]] std::optional<error>& failed() noexcept { return failed_; }

 private:
  /// Without how far that is.
  [[nodiscard]] std::string place() const {
    auto position = from_.position();
    if (const auto behind = position.rfind(" ("); behind != std::string::npos) position.resize(behind);
    return position;
  }

  const file_reader& from_;
  const letter_walk::visitor& visit_;
  const std::function<bool()>& wants_more_;
  std::unique_ptr<capnp::MallocMessageBuilder> message_;
  std::optional<error> failed_;
};

std::vector<input_file> only(input_file file) {
  std::vector<input_file> files;
  files.push_back(std::move(file));
  return files;
}

}  // namespace

letter_walk::letter_walk(input_file file, std::unique_ptr<line_parser> parser)
    : reader_{only(std::move(file)), std::move(parser), line_bytes_max} {}

result<std::unique_ptr<letter_walk>> letter_walk::open(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_error(errno, "read", path);
  if (!S_ISREG(status.st_mode))
    return error{errc::invalid_argument, path + " is no regular file: letters are read more than once"};
  auto parser = make_line_parser(json_lines<wire::DeadLetter>().line_bytes_max(line_bytes_max).format);
  if (!parser.ok()) return std::move(parser).failed();
  return std::unique_ptr<letter_walk>{
      new letter_walk{{path, static_cast<std::uint64_t>(status.st_size), true}, *std::move(parser)}};
}

result<read_status> letter_walk::step(const visitor& visit, const std::function<bool()>& wants_more) {
  letter_taker taker{reader_, visit, wants_more};
  auto status = reader_.read(taker);
  if (taker.failed()) return *std::move(taker.failed());
  return status;
}

}  // namespace weir::io

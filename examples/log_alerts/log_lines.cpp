#include "log_lines.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  return value;
}

/// Takes a line apart from the left. Every call says whether the text was there; after a `false` the rest is undefined.
class scanner {
 public:
  explicit scanner(std::string_view text) : rest_{text} {}

  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  /// One or more characters other than a space.
  bool word(std::string_view& found) {
    found = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(found.size());
    return !found.empty();
  }
  bool digits(std::size_t count, std::string_view& found) {
    found = rest_.substr(0, count);
    if (found.size() != count || !all_digits(found)) return false;
    rest_.remove_prefix(count);
    return true;
  }
  bool month(std::string_view& found) {
    found = rest_.substr(0, 3);
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    if (found.size() != 3 || found[0] < 'A' || found[0] > 'Z' || !lower(found[1]) || !lower(found[2]))
      return false;
    rest_.remove_prefix(3);
    return true;
  }
  /// Everything between two quotes; a backslash takes the character after it along.
  bool quoted(std::string_view& found) {
    if (!literal("\"")) return false;
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    if (end >= rest_.size()) return false;
    found = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }

 private:
  std::string_view rest_;
};

struct moment {
  std::string_view month;
  std::uint64_t year = 0, day = 0, hour = 0, minute = 0, second = 0;
};

/// Milliseconds since 1970 of a moment in UTC, if there is such a moment.
std::optional<std::int64_t> millis_of(const moment& m) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto month = std::find(months.begin(), months.end(), m.month);
  if (month == months.end() || m.year < 1 || m.year > 9999) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year{static_cast<int>(m.year)},
      std::chrono::month{static_cast<unsigned>(month - months.begin()) + 1},
      std::chrono::day{static_cast<unsigned>(m.day)}};
  if (!date.ok() || m.hour > 23 || m.minute > 59 || m.second > 59) return std::nullopt;
  const auto seconds = std::chrono::sys_days{date}.time_since_epoch().count() * std::int64_t{86'400} +
                       static_cast<std::int64_t>(m.hour * 3600 + m.minute * 60 + m.second);
  return seconds * 1000;
}

void set_request(std::string_view request, Hit::Builder out) {
  scanner words{request};
  std::string_view method, target, protocol;
  if (words.word(method) && words.literal(" ") && words.word(target) && words.literal(" ") &&
      words.word(protocol) && words.at_end()) {
    out.setMethod(std::string{method});
    out.setPath(std::string{target.substr(0, target.find('?'))});
  } else {
    out.setMethod("-");
    out.setPath("-");
  }
}

struct access_fields {
  std::string_view source, ident, user, day, month, year, hour, minute, second, offset_hours, offset_minutes;
  std::string_view request, status, bytes, referrer, agent;
  bool east = false;
};

bool split_access(std::string_view text, access_fields& f) {
  scanner s{text};
  if (!(s.word(f.source) && s.literal(" ") && s.word(f.ident) && s.literal(" ") && s.word(f.user) &&
        s.literal(" [") && s.digits(2, f.day) && s.literal("/") && s.month(f.month) && s.literal("/") &&
        s.digits(4, f.year) && s.literal(":") && s.digits(2, f.hour) && s.literal(":") &&
        s.digits(2, f.minute) && s.literal(":") && s.digits(2, f.second) && s.literal(" ")))
    return false;
  f.east = s.literal("+");
  if (!f.east && !s.literal("-")) return false;
  return s.digits(2, f.offset_hours) && s.digits(2, f.offset_minutes) && s.literal("] ") &&
         s.quoted(f.request) && s.literal(" ") && s.digits(3, f.status) && s.literal(" ") &&
         s.word(f.bytes) && (f.bytes == "-" || all_digits(f.bytes)) && s.literal(" ") &&
         s.quoted(f.referrer) && s.literal(" ") && s.quoted(f.agent) && s.at_end();
}

/// The message of a line that sshd wrote, or nothing.
std::optional<std::string_view> sshd_message(std::string_view rest) {
  scanner s{rest};
  if (!s.literal("sshd")) return std::nullopt;
  if (s.literal("[")) {
    const auto pid = s.rest().substr(0, s.rest().find(']'));
    if (!all_digits(pid) || !s.literal(pid) || !s.literal("]")) return std::nullopt;
  }
  if (!s.literal(": ")) return std::nullopt;
  return s.rest();
}

/// `message repeated N times: [ M]` as M and N; anything else as itself and "1".
std::string_view unfold(std::string_view message, std::string_view& times) {
  times = "1";
  scanner s{message};
  std::string_view count;
  if (!s.literal("message repeated ") || !s.word(count) || !all_digits(count) || !s.literal(" times: [ ") ||
      !s.rest().ends_with(']'))
    return message;
  times = count;
  return s.rest().substr(0, s.rest().size() - 1);
}

/// `source port digits ssh2`
bool is_address(std::string_view text, std::string_view& source) {
  scanner s{text};
  std::string_view port;
  return s.word(source) && s.literal(" port ") && s.word(port) && all_digits(port) && s.literal(" ssh2") &&
         s.at_end();
}

}  // namespace

weir::parsed parse_access(weir::text_line line, Hit::Builder out) {
  access_fields f;
  if (!split_access(line.text, f)) return weir::parsed::rejected("not a combined log line");
  const auto status = *number(f.status);
  if (status < 100 || status > 599) return weir::parsed::rejected("no such status");
  const auto bytes = f.bytes == "-" ? std::optional<std::uint64_t>{0} : number(f.bytes);
  if (!bytes) return weir::parsed::rejected("too many bytes");
  const auto local = millis_of(
      {f.month, *number(f.year), *number(f.day), *number(f.hour), *number(f.minute), *number(f.second)});
  const auto offset_hours = static_cast<std::int64_t>(*number(f.offset_hours));
  const auto offset_minutes = static_cast<std::int64_t>(*number(f.offset_minutes));
  if (!local || offset_hours > 23 || offset_minutes > 59) return weir::parsed::rejected("no such time");
  const auto offset = (offset_hours * 60 + offset_minutes) * 60'000;
  out.setTime(f.east ? *local - offset : *local + offset);
  out.setSource(std::string{f.source});
  set_request(f.request, out);
  out.setStatus(static_cast<std::uint16_t>(status));
  out.setBytes(*bytes);
  out.setLine(line.number);
  return weir::parsed::record();
}

weir::parsed parse_auth(int year, weir::text_line line, FailedLogin::Builder out) {
  scanner s{line.text};
  std::string_view month, hour, minute, second, host;
  const auto begins = s.month(month) && s.literal(" ");
  auto day = s.rest().substr(0, 2);
  if (!begins || day.size() != 2 || !is_digit(day[1]) || (day[0] != ' ' && !is_digit(day[0])) ||
      !s.literal(day) || !s.literal(" ") || !s.digits(2, hour) || !s.literal(":") || !s.digits(2, minute) ||
      !s.literal(":") || !s.digits(2, second) || !s.literal(" ") || !s.word(host) || !s.literal(" ") ||
      s.at_end())
    return weir::parsed::rejected("not a syslog line");
  if (day[0] == ' ') day.remove_prefix(1);
  const auto time = millis_of({month, static_cast<std::uint64_t>(year), *number(day), *number(hour),
                               *number(minute), *number(second)});
  if (!time) return weir::parsed::rejected("no such time");

  const auto sshd = sshd_message(s.rest());
  if (!sshd) return weir::parsed::nothing();
  std::string_view times_text;
  auto message = unfold(*sshd, times_text);
  constexpr std::string_view failed = "Failed password for ";
  if (!message.starts_with(failed)) return weir::parsed::nothing();
  const auto times = number(times_text);
  if (!times || *times < 1 || *times > 100) return weir::parsed::rejected("repeated too often or never");

  message.remove_prefix(failed.size());
  constexpr std::string_view from = " from ";
  const auto cut = message.rfind(from);
  std::string_view source;
  if (cut == std::string_view::npos || !is_address(message.substr(cut + from.size()), source))
    return weir::parsed::rejected("not a failed password");
  auto user = message.substr(0, cut);
  constexpr std::string_view invalid = "invalid user ";
  out.setIsInvalidUser(user.starts_with(invalid));
  if (user.starts_with(invalid)) user.remove_prefix(invalid.size());
  out.setTime(*time);
  out.setSource(std::string{source});
  out.setUser(std::string{user});
  out.setTimes(static_cast<std::uint32_t>(*times));
  out.setLine(line.number);
  return weir::parsed::record();
}

#include "core/iso_8601.hpp"

#include <cstring>

namespace weir::iso_8601 {

namespace {

constexpr std::int64_t day_seconds = 86'400;

struct calendar_date {
  std::int64_t year = 0;
  std::uint32_t month = 0;
  std::uint32_t day = 0;
};

/// Proleptic Gregorian; days since 1970-01-01 (the algorithms of Howard Hinnant's "date").
constexpr std::int64_t to_days(const calendar_date& date) noexcept {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<std::uint32_t>(year - era * 400);
  const std::uint32_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const std::uint32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

constexpr calendar_date from_days(std::int64_t days) noexcept {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<std::uint32_t>(days - era * 146'097);
  const std::uint32_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint32_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::uint32_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

static_assert(to_days({1970, 1, 1}) == 0 && to_days({2000, 3, 1}) == 11'017);

constexpr std::uint32_t days_in(std::int64_t year, std::uint32_t month) noexcept {
  constexpr std::uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && is_leap ? 29 : days[month - 1];
}

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Takes text from the front. Every take_* leaves the text alone where it returns false.
class cursor {
 public:
  explicit cursor(std::string_view text) noexcept : at_{text.data()}, end_{text.data() + text.size()} {}

  [[nodiscard]] const char* text() const noexcept { return at_; }
  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  void skip(std::size_t characters) noexcept { at_ += characters; }
  [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }
  [[nodiscard]] bool at_digit() const noexcept { return at_ != end_ && is_digit(*at_); }

  bool take(char expected) noexcept {
    if (at_ == end_ || *at_ != expected) return false;
    ++at_;
    return true;
  }

  bool take_two_digits(std::uint32_t& value) noexcept {
    if (end_ - at_ < 2) return false;
    const std::uint32_t tens = static_cast<unsigned char>(at_[0]) - std::uint32_t{'0'};
    const std::uint32_t ones = static_cast<unsigned char>(at_[1]) - std::uint32_t{'0'};
    if (tens > 9 || ones > 9) return false;
    value = tens * 10 + ones;
    at_ += 2;
    return true;
  }

  /// At least `digits_min` and at most `digits_max` digits, all that there are.
  bool take_digits(std::size_t digits_min, std::size_t digits_max, std::int64_t& value) noexcept {
    const char* scan = at_;
    value = 0;
    while (scan != end_ && is_digit(*scan) && static_cast<std::size_t>(scan - at_) < digits_max) {
      value = value * 10 + (*scan++ - '0');
    }
    if (static_cast<std::size_t>(scan - at_) < digits_min || (scan != end_ && is_digit(*scan))) return false;
    at_ = scan;
    return true;
  }

  /// One digit or more, as nanoseconds.
  bool take_fraction(std::uint32_t& nanos) noexcept {
    constexpr std::uint32_t scales[] = {1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                        10'000,        1'000,       100,        10,        1};
    if (!at_digit()) return false;
    std::uint32_t value = 0;
    std::size_t digits = 0;
    for (; at_digit(); ++at_) {
      if (digits == 9) continue;
      value = value * 10 + static_cast<std::uint32_t>(*at_ - '0');
      ++digits;
    }
    nanos = value * scales[digits];
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

/// Four digits, or a sign and up to twelve.
bool take_year(cursor& in, std::int64_t& year) noexcept {
  std::uint32_t century = 0;
  std::uint32_t year_of_century = 0;
  if (in.take_two_digits(century)) {
    year = std::int64_t{century} * 100;
    if (!in.take_two_digits(year_of_century)) return false;
    year += year_of_century;
    return true;
  }
  const bool is_before_zero = in.take('-');
  if ((!is_before_zero && !in.take('+')) || !in.take_digits(4, 12, year)) return false;
  if (is_before_zero) year = -year;
  return true;
}

struct time_of_day {
  std::uint32_t hour = 0;
  std::uint32_t minute = 0;
  std::uint32_t second = 0;
  std::uint32_t nanos = 0;

  [[nodiscard]] std::int64_t seconds() const noexcept {
    return std::int64_t{hour} * 3'600 + minute * 60 + second;
  }
};

bool is_valid(const calendar_date& date) noexcept {
  return date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= days_in(date.year, date.month);
}

/// 24:00:00 is the end of the day; a leap second counts as the second after it.
bool is_valid(const time_of_day& time) noexcept {
  return time.minute <= 59 && time.second <= 60 &&
         (time.hour <= 23 || (time.seconds() == day_seconds && time.nanos == 0));
}

/// `2001-01-01T00:01`, as nearly all texts begin, in two words of eight characters.
bool take_sixteen(cursor& in, calendar_date& date, time_of_day& time) noexcept {
  if (in.left() < 16) return false;
  std::uint64_t first = 0;   // 2001-01-
  std::uint64_t second = 0;  // 01T00:01
  std::memcpy(&first, in.text(), 8);
  std::memcpy(&second, in.text() + 8, 8);
  first ^= 0x2d30302d30303030;
  second ^= 0x30303a3030543030;
  if ((second >> 16 & 0xff) == ('T' ^ ' ')) second &= ~(std::uint64_t{0xff} << 16);
  // Digits are 0..9 now and separators 0: adding 0x76 or 0x7f to any other byte sets its high bit.
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  const std::uint64_t wrong = ((first & ~high_bits) + 0x7f76767f76767676) | first |
                              ((second & ~high_bits) + 0x76767f76767f7676) | second;
  if ((wrong & high_bits) != 0) return false;
  const auto two_digits = [](std::uint64_t word, int at) {
    return static_cast<std::uint32_t>((word >> at * 8 & 0xf) * 10 + (word >> (at + 1) * 8 & 0xf));
  };
  date = {std::int64_t{two_digits(first, 0)} * 100 + two_digits(first, 2), two_digits(first, 5),
          two_digits(second, 0)};
  time.hour = two_digits(second, 3);
  time.minute = two_digits(second, 6);
  in.skip(16);
  return true;
}

bool take_date(cursor& in, calendar_date& date) noexcept {
  return take_year(in, date.year) && in.take('-') && in.take_two_digits(date.month) && in.take('-') &&
         in.take_two_digits(date.day);
}

bool take_seconds(cursor& in, time_of_day& time) noexcept {
  if (!in.take(':')) return true;
  if (!in.take_two_digits(time.second)) return false;
  return !(in.take('.') || in.take(',')) || in.take_fraction(time.nanos);
}

/// The date, and the time of day where there is one.
bool take_date_and_time(cursor& in, calendar_date& date, time_of_day& time) noexcept {
  if (take_sixteen(in, date, time)) return take_seconds(in, time);
  if (!take_date(in, date)) return false;
  if (!in.take('T') && !in.take(' ') && !in.take('t')) return true;
  return in.take_two_digits(time.hour) && in.take(':') && in.take_two_digits(time.minute) &&
         take_seconds(in, time);
}

bool take_zone(cursor& in, std::int64_t& ahead_seconds) noexcept {
  if (in.at_end() || in.take('Z') || in.take('z')) return true;
  const bool is_west = in.take('-');
  if (!is_west && !in.take('+')) return false;
  std::uint32_t hours = 0;
  std::uint32_t minutes = 0;
  if (!in.take_two_digits(hours)) return false;
  if (in.take(':') || in.at_digit()) {
    if (!in.take_two_digits(minutes)) return false;
  }
  ahead_seconds = std::int64_t{hours} * 3'600 + minutes * 60;
  if (is_west) ahead_seconds = -ahead_seconds;
  return hours <= 23 && minutes <= 59;
}

constexpr std::int64_t ticks_per_second(time_unit unit) noexcept {
  constexpr std::int64_t ticks[] = {1, 1'000, 1'000'000, 1'000'000'000};
  return ticks[static_cast<std::size_t>(unit)];
}

/// Writes exactly `digits` digits.
char* put_digits(char* out, std::uint64_t value, std::size_t digits) noexcept {
  for (std::size_t i = digits; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + digits;
}

char* put_year(char* out, std::int64_t year) noexcept {
  if (year >= 0 && year <= 9'999) return put_digits(out, static_cast<std::uint64_t>(year), 4);
  const auto magnitude = static_cast<std::uint64_t>(year < 0 ? -year : year);
  *out++ = year < 0 ? '-' : '+';
  return put_digits(out, magnitude, magnitude <= 999'999 ? 6 : 12);
}

/// `whole` * `scale` + `rest`, where -2 * scale < rest < 2 * scale; false if that is no int64.
bool scaled_sum(std::int64_t whole, std::int64_t scale, std::int64_t rest, std::int64_t& sum) noexcept {
  // Counted from two wholes nearer to zero, so that the ends of the range do not overflow on the way.
  const std::int64_t nearer = whole < 0 ? 2 : -2;
  return !__builtin_mul_overflow(whole + nearer, scale, &sum) &&
         !__builtin_add_overflow(sum, rest - nearer * scale, &sum);
}

}  // namespace

bool parse(std::string_view text, instant& out) noexcept {
  cursor in{text};
  calendar_date date;
  time_of_day time;
  std::int64_t ahead_seconds = 0;
  if (!take_date_and_time(in, date, time) || !take_zone(in, ahead_seconds) || !in.at_end()) return false;
  if (!is_valid(date) || !is_valid(time)) return false;
  out.nanos = time.nanos;
  return scaled_sum(to_days(date), day_seconds, time.seconds() - ahead_seconds, out.seconds);
}

bool parse(std::string_view text, time_unit unit, std::int64_t& ticks) noexcept {
  instant at;
  if (!parse(text, at)) return false;
  const std::int64_t per_second = ticks_per_second(unit);
  const std::int64_t fraction = at.nanos / (1'000'000'000 / per_second);
  return scaled_sum(at.seconds, per_second, fraction, ticks);
}

std::size_t format(std::int64_t ticks, time_unit unit, char* out) noexcept {
  const std::int64_t per_second = ticks_per_second(unit);
  std::int64_t seconds = ticks / per_second;
  std::int64_t fraction = ticks % per_second;
  if (fraction < 0) {
    fraction += per_second;
    --seconds;
  }
  std::int64_t days = seconds / day_seconds;
  std::int64_t second_of_day = seconds % day_seconds;
  if (second_of_day < 0) {
    second_of_day += day_seconds;
    --days;
  }
  const calendar_date date = from_days(days);
  const auto of_day = static_cast<std::uint64_t>(second_of_day);
  char* at = put_year(out, date.year);
  *at++ = '-';
  at = put_digits(at, date.month, 2);
  *at++ = '-';
  at = put_digits(at, date.day, 2);
  *at++ = 'T';
  at = put_digits(at, of_day / 3'600, 2);
  *at++ = ':';
  at = put_digits(at, of_day / 60 % 60, 2);
  *at++ = ':';
  at = put_digits(at, of_day % 60, 2);
  if (unit != time_unit::seconds) {
    *at++ = '.';
    at = put_digits(at, static_cast<std::uint64_t>(fraction), static_cast<std::size_t>(unit) * 3);
  }
  *at++ = 'Z';
  return static_cast<std::size_t>(at - out);
}

std::string to_text(std::int64_t ticks, time_unit unit) {
  char text[chars_max];
  return {text, format(ticks, unit, text)};
}

}  // namespace weir::iso_8601

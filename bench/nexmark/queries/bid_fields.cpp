#include "nexmark/queries/bid_fields.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace nexmark {
namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

void put_digits(char* at, unsigned number, int digits) noexcept {
  for (auto* next = at + digits; next != at; number /= 10) *--next = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string_view channel_id_in(std::string_view url) noexcept {
  constexpr std::string_view name = "channel_id=";
  for (auto at = url.find(name); at != std::string_view::npos; at = url.find(name, at + 1)) {
    if (at > 0 && url[at - 1] != '&') continue;
    const auto value = url.substr(at + name.size());
    return value.substr(0, value.find('&'));
  }
  return {};
}

std::string_view fixed_channel_id(std::string_view channel) noexcept {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> fixed{
      {{"apple", "0"}, {"google", "1"}, {"facebook", "2"}, {"baidu", "3"}}};
  for (const auto& [name, id] : fixed)
    if (std::equal(channel.begin(), channel.end(), name.begin(), name.end(),
                   [](char a, char b) { return lower(a) == b; }))
      return id;
  return {};
}

std::array<std::string_view, 3> directories_of(std::string_view url) noexcept {
  constexpr std::size_t before = 3;
  std::array<std::string_view, 3> found;
  for (std::size_t part = 0; part < before + found.size(); ++part) {
    const auto slash = url.find('/');
    if (part >= before) found[part - before] = url.substr(0, slash);
    if (slash == std::string_view::npos) break;
    url.remove_prefix(slash + 1);
  }
  return found;
}

day_and_minute text_of_time(std::int64_t time_ms) noexcept {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds{time_ms}};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto minutes = static_cast<unsigned>(std::chrono::floor<std::chrono::minutes>(time - day).count());
  day_and_minute text{"0000-00-00", "00:00"};
  put_digits(text.day, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put_digits(text.day + 5, static_cast<unsigned>(date.month()), 2);
  put_digits(text.day + 8, static_cast<unsigned>(date.day()), 2);
  put_digits(text.minute, minutes / 60, 2);
  put_digits(text.minute + 3, minutes % 60, 2);
  return text;
}

}  // namespace nexmark

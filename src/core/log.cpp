#include "core/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <mutex>

namespace weir::log {
namespace {

struct state {
  std::shared_ptr<spdlog::logger> logger;
  style how = style::text;
  std::mutex mutex;
  std::function<void(level, std::string_view, fields)> listener;
  std::atomic<bool> has_listener{false};
  std::atomic<int> silences{0};

  state() : logger{spdlog::stderr_color_mt("weir")} {
    logger->set_level(spdlog::level::warn);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  }
};

state& shared() {
  static state instance;
  return instance;
}

spdlog::level::level_enum level_of(level at) {
  switch (at) {
    case level::debug: return spdlog::level::debug;
    case level::info: return spdlog::level::info;
    case level::warn: return spdlog::level::warn;
    case level::error: return spdlog::level::err;
    case level::off: break;
  }
  return spdlog::level::off;
}

void append_quoted(std::string& line, std::string_view text) {
  line += '"';
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (code < 0x20) {
      constexpr std::string_view hex = "0123456789abcdef";
      line += "\\u00";
      line += hex[code >> 4U];
      line += hex[code & 15U];
    } else {
      line += c;
    }
  }
  line += '"';
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(" \"=\n\r\t") != std::string_view::npos;
}

std::string text_line(std::string_view message, fields more) {
  std::string line{message};
  for (const auto& [key, value] : more) {
    line += ' ';
    line += key;
    line += '=';
    if (needs_quotes(value))
      append_quoted(line, value);
    else
      line += value;
  }
  return line;
}

std::string json_line(std::string_view message, fields more) {
  std::string line{"\"message\":"};
  append_quoted(line, message);
  for (const auto& [key, value] : more) {
    line += ',';
    append_quoted(line, key);
    line += ':';
    append_quoted(line, value);
  }
  return line;
}

}  // namespace

void configure(level least, style how) {
  auto& log = shared();
  log.how = how;
  log.logger->set_level(level_of(least));
  if (how == style::json)
    log.logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
                            spdlog::pattern_time_type::utc);
}

bool parse_level(std::string_view text, level& parsed) noexcept {
  constexpr std::pair<std::string_view, level> names[] = {{"debug", level::debug},
                                                          {"info", level::info},
                                                          {"warn", level::warn},
                                                          {"error", level::error},
                                                          {"off", level::off}};
  for (const auto& [name, value] : names) {
    if (name != text) continue;
    parsed = value;
    return true;
  }
  return false;
}

void listen(std::function<void(level, std::string_view, fields)> listener) {
  auto& log = shared();
  const std::lock_guard lock{log.mutex};
  log.has_listener = static_cast<bool>(listener);
  log.listener = std::move(listener);
}

silence::silence() { ++shared().silences; }
silence::~silence() { --shared().silences; }

void write(level at, std::string_view message, fields more) {
  auto& log = shared();
  if (log.has_listener) {
    const std::lock_guard lock{log.mutex};
    if (log.listener) log.listener(at, message, more);
  }
  const auto as = level_of(at);
  if (log.silences > 0 || !log.logger->should_log(as)) return;
  log.logger->log(as, "{}", log.how == style::json ? json_line(message, more) : text_line(message, more));
}

}  // namespace weir::log

#pragma once
/// The one logging facade: a static message, then key=value. Never per record.
///   error  a person must act        warn  degraded but handled
///   info   life cycle               debug decisions

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace weir::log {

enum class level : std::uint8_t { debug, info, warn, error, off };

/// One `key=value` of a line.
using field = std::pair<std::string_view, std::string>;
using fields = std::initializer_list<field>;

enum class style : std::uint8_t { text, json };

/// Before anything is logged: lines of at least `least` go to standard error. Default: warn, text.
void configure(level least, style how);
/// `debug`, `info`, `warn`, `error`, `off`; false if it is none of these.
[[nodiscard]] bool parse_level(std::string_view text, level& parsed) noexcept;

/// Hears every line of any level beside standard error, for tests. Empty: nobody.
void listen(std::function<void(level, std::string_view message, fields)> listener);

/// While one lives, nothing goes to standard error: for runs that are made to fail. Listeners hear everything.
class silence {
 public:
  silence();
  ~silence();
  silence(const silence&) = delete;
  silence& operator=(const silence&) = delete;
};

void write(level at, std::string_view message, fields more);

inline void debug(std::string_view message, fields more = {}) { write(level::debug, message, more); }
inline void info(std::string_view message, fields more = {}) { write(level::info, message, more); }
inline void warn(std::string_view message, fields more = {}) { write(level::warn, message, more); }
inline void error(std::string_view message, fields more = {}) { write(level::error, message, more); }

}  // namespace weir::log

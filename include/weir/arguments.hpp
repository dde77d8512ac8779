#pragma once
/// The options that a job declares, and their values when it is built.

#include <weir/time.hpp>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// An option of a job: `{"input", "CSV of flights, plain, gzip or zstd"}` is given as `--input VALUE`.
struct parameter {
  std::string name;                       ///< lower case letters, digits and dashes, from two characters on
  std::string help{};                     ///< what it means and its unit, for --help
  std::optional<std::string> fallback{};  ///< its value where it is not given; without one it must be given
};

/// The values of a job's options. Every function throws failure(invalid_argument), which names the option, what it
/// was given and what it takes; run_main shows that to the user.
class arguments {
 public:
  arguments() = default;
  /// For tests: `delay_storms({{"input", "flights.csv"}, {"output", "out"}})`.
  arguments(std::initializer_list<std::pair<const std::string, std::string>> values) : values_{values} {}
  explicit arguments(std::map<std::string, std::string> values) : values_{std::move(values)} {}

  /// Throws also for a name that the job does not declare.
  [[nodiscard]] const std::string& operator[](std::string_view name) const;
  /// A whole number of at least `least` and at most `most`.
  [[nodiscard]] std::int64_t number(std::string_view name,
                                    std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                                    std::int64_t most = std::numeric_limits<std::int64_t>::max()) const;
  /// A decimal number, `0.75`.
  [[nodiscard]] double decimal(std::string_view name) const;
  /// A length of time with its unit: `500ms`, `60s`, `15m`, `6h`, `1d`, `1h30m`; 0 needs none.
  [[nodiscard]] weir::duration duration(std::string_view name) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace weir

#pragma once
/// The command line of `weir snapshot`.

#include <weir/error.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::snapshot_tool {

enum class command : std::uint8_t { help, list, show, verify, state, diff };

/// What the user asked for.
struct request {
  command what = command::help;
  std::vector<std::string> paths;
  std::optional<std::string> operator_name;
  std::optional<std::string> key;  ///< as `state` shows it, with or without quotes
  std::optional<std::uint64_t> limit;
  bool json = false;
};

/// Reads the words behind `weir snapshot`. invalid_argument names what is wrong.
[[nodiscard]] result<request> parse_request(std::span<const std::string> words);

[[nodiscard]] std::string_view help_text() noexcept;

}  // namespace weir::snapshot_tool

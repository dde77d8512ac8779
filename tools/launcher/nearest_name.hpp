#pragma once
/// Which name was probably meant.

#include <span>
#include <string>
#include <string_view>

namespace weir::launcher {

/// The one of `names` that takes the fewest edits (insert, delete, replace, swap of neighbours) to become `wrong`;
/// empty if none is close: more than a third of the letters, and at least two, would have to change.
[[nodiscard]] std::string nearest_name(std::string_view wrong, std::span<const std::string> names);

/// `; did you mean storms?`, or nothing. `mark` stands before the name: `--`.
[[nodiscard]] std::string did_you_mean(std::string_view wrong, std::span<const std::string> names,
                                       std::string_view mark = "");

}  // namespace weir::launcher

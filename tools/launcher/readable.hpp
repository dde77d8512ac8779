#pragma once
/// Numbers at a size that a person reads.

#include <weir/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::launcher {

/// Three digits that count: `999`, `1.24 k`, `12.4 M`, `3.10 G`.
[[nodiscard]] std::string readable_count(double value);
/// `812 B`, `1.24 MB`; powers of 1000.
[[nodiscard]] std::string readable_bytes(double bytes);
/// All digits, in groups: `508,239`.
[[nodiscard]] std::string grouped(std::uint64_t value);
/// `0.45 s`, `12.3 s`, `4m05s`, `2h05m`, `3d04h`.
[[nodiscard]] std::string readable_duration(duration time);
/// `97%`; `<1%` and `>99%` where rounding would say nothing or all.
[[nodiscard]] std::string readable_share(double share);
/// `2001-01-15T06:00:00Z`, with milliseconds where there are some; `-` where none is known, `end` behind the last record.
[[nodiscard]] std::string readable_watermark(std::int64_t watermark_us);

/// Texts of the input must not command the terminal: control characters are shown as `\x1b`.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace weir::launcher

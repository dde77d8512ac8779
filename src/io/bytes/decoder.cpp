#include "io/bytes/decoder.hpp"

#include <algorithm>
#include <string_view>

namespace weir::io {

namespace {

/// Whether `head` begins with `magic`, cannot, or is too short to tell.
encoding match(std::span<const char> head, std::string_view magic, encoding meant) noexcept {
  const std::size_t known = std::min(head.size(), magic.size());
  if (!std::equal(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(known), magic.begin())) {
    return encoding::plain;
  }
  return known == magic.size() ? meant : encoding::undecided;
}

bool is_skippable_zstd_start(char first) noexcept { return (first & '\xf0') == '\x50'; }

}  // namespace

encoding detect(std::span<const char> head) noexcept {
  using namespace std::string_view_literals;
  if (head.empty()) return encoding::undecided;
  if (head[0] == '\x1f') return match(head, "\x1f\x8b"sv, encoding::gzip);
  if (head[0] == '\x28') return match(head, "\x28\xb5\x2f\xfd"sv, encoding::zstd);
  if (is_skippable_zstd_start(head[0])) return match(head.subspan(1), "\x2a\x4d\x18"sv, encoding::zstd);
  return encoding::plain;
}

}  // namespace weir::io

#include "io/formats/json_index.hpp"

#include "io/bytes/utf8.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace weir::io {

namespace {

static_assert(line_splitter::readable_beyond >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t stretch_bytes = std::size_t{64} << 10;

/// The whole lines that are indexed together: the current one and those after it.
std::string_view stretch_of(const line_splitter& lines) noexcept {
  const std::string_view following = lines.whole_lines();
  if (following.size() <= stretch_bytes) return following;
  const void* const end = ::memrchr(following.data(), '\n', stretch_bytes);
  const std::size_t whole =
      end == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(end) - following.data());
  return following.substr(0, std::max(whole, lines.text().size()));
}

bool is_inside(std::string_view line, std::string_view text) noexcept {
  return line.data() >= text.data() && line.data() + line.size() <= text.data() + text.size();
}

std::string reason_of(std::string_view line, int code) {
  if (code == simdjson::UTF8_ERROR) return "invalid UTF-8 at byte " + std::to_string(utf8_prefix(line) + 1);
  if (code == simdjson::UNESCAPED_CHARS)
    return "malformed JSON: a control character in a string that is not escaped";
  if (code == simdjson::UNCLOSED_STRING) return "malformed JSON: a string that does not end";
  return std::string{"malformed JSON: "} + simdjson::error_message(static_cast<simdjson::error_code>(code));
}

}  // namespace

struct json_index::stage {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

json_index::json_index() : stage_{std::make_unique<stage>()} {
  constexpr std::size_t no_nesting = 1;  // depth matters to the later stages only
  const auto failed = simdjson::get_active_implementation()->create_dom_parser_implementation(
      stretch_bytes, no_nesting, stage_->parser);
  if (failed) throw std::bad_alloc{};
}

json_index::~json_index() = default;

result<json_tokens> json_index::tokens_of(const line_splitter& lines) {
  const std::string_view line = lines.text();
  if (lines.generation() != std::exchange(generation_, lines.generation())) forget();
  if (is_inside(line, indexed_)) return take(line);
  if (!is_inside(line, doubtful_)) {
    const std::string_view stretch = stretch_of(lines);
    if (run(stretch) == 0) return take(line);
    doubtful_ = stretch;
  }
  if (const int failed = run(line); failed != 0) return error{errc::bad_record, reason_of(line, failed)};
  return take(line);
}

/// Indexes `text`; simdjson's error code otherwise.
int json_index::run(std::string_view text) {
  indexed_ = {};
  if (stage_->parser->capacity() < text.size()) {
    if (const auto failed = stage_->parser->set_capacity(std::bit_ceil(text.size()))) return failed;
  }
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto failed = stage_->parser->stage1(bytes, text.size(), simdjson::stage1_mode::regular);
  if (failed == simdjson::EMPTY) stage_->parser->n_structural_indexes = 0;
  if (failed && failed != simdjson::EMPTY) return failed;
  stage_->parser->structural_indexes[stage_->parser->n_structural_indexes] =
      static_cast<std::uint32_t>(text.size());
  next_ = stage_->parser->structural_indexes.get();
  may_have_escapes_ = std::memchr(text.data(), '\\', text.size()) != nullptr;
  indexed_ = text;
  return 0;
}

/// Precondition: `line` lies in indexed_, behind the lines taken before.
json_tokens json_index::take(std::string_view line) noexcept {
  const auto begin = static_cast<std::uint32_t>(line.data() - indexed_.data());
  while (*next_ < begin) ++next_;
  return {indexed_.data(), next_, begin + static_cast<std::uint32_t>(line.size())};
}

bool json_index::unescape(std::string_view content, std::string_view& out) {
  const std::size_t needed =
      content.size() + simdjson::SIMDJSON_PADDING;  // an escape is longer than what it stands for
  if (unescaped_bytes_ < needed) {
    unescaped_bytes_ = std::bit_ceil(needed);
    unescaped_ = std::make_unique_for_overwrite<char[]>(unescaped_bytes_);
  }
  auto* const to = reinterpret_cast<std::uint8_t*>(unescaped_.get());
  const auto* const end =
      stage_->parser->parse_string(reinterpret_cast<const std::uint8_t*>(content.data()), to);
  if (end == nullptr) return false;
  out = {unescaped_.get(), static_cast<std::size_t>(end - to)};
  return is_utf8(out);  // simdjson lets lone surrogates pass
}

}  // namespace weir::io

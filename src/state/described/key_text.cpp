#include "state/described/key_text.hpp"

#include "state/described/json_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

namespace weir::state {
namespace {

constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63U;
constexpr std::size_t number_bytes = 8;
constexpr std::size_t length_bytes = 4;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8U | static_cast<unsigned char>(c);
  return number;
}

void append_integer(std::string& json, std::uint64_t bits, bool is_signed) {
  if (is_signed)
    append_number(json, static_cast<std::int64_t>(bits ^ sign_bit));
  else
    append_number(json, bits);
}

/// Of a type whose values are numbers.
std::optional<bool> signedness(const described_type& type) {
  switch (type.kind) {
    case type_kind::signed_integer: return true;
    case type_kind::unsigned_integer:
    case type_kind::truth: return false;
    case type_kind::enumeration: return signedness(type.parts[0]);
    default: return std::nullopt;
  }
}

bool append_typed(std::string& json, std::string_view key, const described_type& type);

/// Numbers are fixed in size; texts end in a NUL, and their lengths follow behind all parts.
bool append_tuple(std::string& json, std::string_view key, const described_type& type) {
  const auto texts = static_cast<std::size_t>(std::count_if(
      type.parts.begin(), type.parts.end(), [](const auto& part) { return part.kind == type_kind::text; }));
  if (key.size() < length_bytes * texts) return false;
  auto lengths = key.substr(key.size() - length_bytes * texts);
  key.remove_suffix(lengths.size());
  json += "[";
  for (std::size_t at = 0; at < type.parts.size(); ++at) {
    const auto& part = type.parts[at];
    std::size_t bytes = number_bytes;
    if (part.kind == type_kind::text) {
      bytes = big_endian(lengths.substr(0, length_bytes));
      lengths.remove_prefix(length_bytes);
      if (bytes >= key.size() || key[bytes] != '\0') return false;
    }
    if (bytes > key.size()) return false;
    if (at != 0) json += ",";
    if (!append_typed(json, key.substr(0, bytes), part)) return false;
    key.remove_prefix(part.kind == type_kind::text ? bytes + 1 : bytes);
  }
  json += "]";
  return key.empty();
}

bool append_typed(std::string& json, std::string_view key, const described_type& type) {
  if (type.kind == type_kind::text) {
    append_quoted(json, key);
    return true;
  }
  if (type.kind == type_kind::tuple) return append_tuple(json, key, type);
  const auto is_signed = signedness(type);
  if (!is_signed || key.size() != number_bytes) return false;
  append_integer(json, big_endian(key), *is_signed);
  return true;
}

bool is_readable(std::string_view key) {
  return std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c != 0x7f; });
}

void append_untyped(std::string& json, std::string_view key) {
  if (is_readable(key)) {
    append_quoted(json, key);
    return;
  }
  if (key.size() == number_bytes) {
    // Small numbers begin with zeros; where they have a sign, it is flipped: 0x80 or 0x7f.
    const auto bits = big_endian(key);
    append_integer(json, bits, (bits >> 56U) == 0x80U || (bits >> 56U) == 0x7fU);
    return;
  }
  append_hex(json, key);
  json.insert(json.rfind('"', json.size() - 2) + 1, "0x");
}

}  // namespace

void append_key(std::string& json, std::string_view key, const described_type* type) {
  const auto before = json.size();
  if (type != nullptr && append_typed(json, key, *type)) return;
  json.resize(before);
  append_untyped(json, key);
}

}  // namespace weir::state

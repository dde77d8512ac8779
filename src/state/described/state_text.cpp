#include "state/described/state_text.hpp"

#include "core/iso_8601.hpp"
#include "state/described/json_text.hpp"
#include <weir/runtime/bytes.hpp>
#include <weir/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::state {
namespace {

/// Of the printer's own calls: a structure in a list counts as two.
constexpr unsigned printing_nesting_max = 1'000;

std::string_view unit_name(std::int64_t numerator, std::int64_t denominator) {
  if (numerator == 1 && denominator == 1'000'000'000) return "ns";
  if (numerator == 1 && denominator == 1'000'000) return "us";
  if (numerator == 1 && denominator == 1'000) return "ms";
  if (numerator == 1 && denominator == 1) return "s";
  if (numerator == 60 && denominator == 1) return "min";
  if (numerator == 3'600 && denominator == 1) return "h";
  return {};
}

/// A number that a time or duration counts.
struct tick_count {
  std::optional<std::int64_t> whole;  ///< nothing: it is no integer, or too large
  std::string digits;
};

std::string duration_text(const described_type& type, tick_count count) {
  auto numerator = type.unit_numerator;
  auto denominator = type.unit_denominator;
  while (count.whole && numerator == 1 && denominator % 1'000 == 0 && *count.whole % 1'000 == 0) {
    *count.whole /= 1'000;
    denominator /= 1'000;
    count.digits = std::to_string(*count.whole);
  }
  if (const auto name = unit_name(numerator, denominator); !name.empty()) return count.digits.append(name);
  return count.digits + "*" + std::to_string(numerator) + "/" + std::to_string(denominator) + "s";
}

std::string time_text(const described_type& type, const tick_count& count) {
  if (!count.whole) return duration_text(type, count);
  if (type.unit_numerator == 1) {
    switch (type.unit_denominator) {
      case 1: return iso_8601::to_text(*count.whole, time_unit::seconds);
      case 1'000: return iso_8601::to_text(*count.whole, time_unit::millis);
      case 1'000'000: return iso_8601::to_text(*count.whole, time_unit::micros);
      case 1'000'000'000: return iso_8601::to_text(*count.whole, time_unit::nanos);
      default: return duration_text(type, count);
    }
  }
  std::int64_t seconds = 0;
  if (type.unit_denominator != 1 || __builtin_mul_overflow(*count.whole, type.unit_numerator, &seconds))
    return duration_text(type, count);
  return iso_8601::to_text(seconds, time_unit::seconds);
}

/// Reads by the description and appends. Functions return false where the bytes are none of the type.
class object_printer {
 public:
  object_printer(const known_records& records, byte_reader& from, json_text& to)
      : records_{records}, from_{from}, to_{to} {}

  bool put(const described_type& type) {
    if (to_.is_full()) return true;
    if (depth_ == printing_nesting_max) return false;
    ++depth_;
    const bool well = put_kind(type);
    --depth_;
    return well && !from_.has_failed();
  }

 private:
  bool put_kind(const described_type& type) {
    switch (type.kind) {
      case type_kind::truth:
      case type_kind::signed_integer:
      case type_kind::unsigned_integer:
      case type_kind::floating: return put_number(type);
      case type_kind::enumeration: return put(type.parts[0]);
      case type_kind::text: append_quoted(to_.text, from_.take_text()); return true;
      case type_kind::time: append_quoted(to_.text, time_text(type, take_ticks(type))); return true;
      case type_kind::duration: append_quoted(to_.text, duration_text(type, take_ticks(type))); return true;
      case type_kind::list:
      case type_kind::set: return put_list(type);
      case type_kind::map: return put_map(type);
      case type_kind::optional: return put_optional(type);
      case type_kind::array: return put_array(type);
      case type_kind::tuple: return put_parts(type);
      case type_kind::structure: return put_structure(type);
      case type_kind::outer_structure: return put_outer(type);
      case type_kind::record:
        return records_.append_json(type.size, from_.take_bytes(8 * from_.take_count_of(8)), to_);
      case type_kind::opaque: append_hex(to_.text, from_.take_bytes(type.size)); return true;
    }
    return false;
  }

  bool put_number(const described_type& type) {
    auto& text = to_.text;
    if (type.kind == type_kind::truth) {
      const auto byte = from_.take<std::uint8_t>();
      text += byte != 0 ? "true" : "false";
      return byte <= 1;
    }
    if (type.kind == type_kind::signed_integer)
      append_number(text, take_signed(type.size));
    else if (type.kind == type_kind::unsigned_integer)
      append_number(text, take_unsigned(type.size));
    else if (type.size == 4)
      append_number(text, from_.take<float>());
    else
      append_number(text, from_.take<double>());
    return true;
  }

  std::int64_t take_signed(std::uint64_t bytes) {
    switch (bytes) {
      case 1: return from_.take<std::int8_t>();
      case 2: return from_.take<std::int16_t>();
      case 4: return from_.take<std::int32_t>();
      default: return from_.take<std::int64_t>();
    }
  }
  std::uint64_t take_unsigned(std::uint64_t bytes) {
    switch (bytes) {
      case 1: return from_.take<std::uint8_t>();
      case 2: return from_.take<std::uint16_t>();
      case 4: return from_.take<std::uint32_t>();
      default: return from_.take<std::uint64_t>();
    }
  }

  tick_count take_ticks(const described_type& type) {
    const auto& counted = type.parts[0];
    tick_count count;
    if (counted.kind == type_kind::floating) {
      if (counted.size == 4)
        append_number(count.digits, from_.take<float>());
      else
        append_number(count.digits, from_.take<double>());
      std::erase(count.digits, '"');
      return count;
    }
    if (counted.kind == type_kind::signed_integer) {
      count.whole = take_signed(counted.size);
      count.digits = std::to_string(*count.whole);
      return count;
    }
    const auto ticks = take_unsigned(counted.size);
    if (ticks <= static_cast<std::uint64_t>(time_max_us)) count.whole = static_cast<std::int64_t>(ticks);
    count.digits = std::to_string(ticks);
    return count;
  }

  bool put_optional(const described_type& type) {
    const auto byte = from_.take<std::uint8_t>();
    if (byte == 1) return put(type.parts[0]);
    to_.text += "null";
    return byte == 0;
  }

  bool put_list(const described_type& type) {
    return put_counted("[", "]", [&] { return put(type.parts[0]); });
  }

  bool put_map(const described_type& type) {
    const auto& key = type.parts[0];
    const auto& value = type.parts[1];
    if (!is_name(key)) {
      return put_counted("[", "]", [&] {
        to_.text += "[";
        if (!put(key)) return false;
        to_.text += ",";
        if (!put(value)) return false;
        to_.text += "]";
        return true;
      });
    }
    return put_counted("{", "}", [&] {
      const auto begin = to_.text.size();
      if (!put(key)) return false;
      if (to_.text.size() > begin && to_.text[begin] != '"') to_.text.insert(begin, "\"").append("\"");
      to_.text += ":";
      return put(value);
    });
  }

  /// As a member's name in an object.
  static bool is_name(const described_type& type) {
    switch (type.kind) {
      case type_kind::truth:
      case type_kind::signed_integer:
      case type_kind::unsigned_integer:
      case type_kind::floating:
      case type_kind::text:
      case type_kind::time:
      case type_kind::duration:
      case type_kind::enumeration: return true;
      default: return false;
    }
  }

  template <class PutElement>
  bool put_counted(std::string_view begin, std::string_view end, PutElement&& put_element) {
    const auto count = from_.take_count_of(1);
    to_.text += begin;
    std::string_view separator;
    for (std::size_t i = 0; i < count && !to_.is_full(); ++i) {
      to_.text += separator;
      separator = ",";
      const auto before = from_.left().size();
      if (!put_element()) return false;
      if (from_.left().size() == before && from_.take<char>() != '\0') return false;
    }
    to_.text += end;
    return true;
  }

  bool put_array(const described_type& type) {
    to_.text += "[";
    std::string_view separator;
    for (std::uint64_t i = 0; i < type.size && !to_.is_full(); ++i) {
      to_.text += separator;
      separator = ",";
      if (!put(type.parts[0])) return false;
    }
    to_.text += "]";
    return true;
  }

  bool put_parts(const described_type& type) {
    to_.text += "[";
    std::string_view separator;
    for (const auto& part : type.parts) {
      to_.text += separator;
      separator = ",";
      if (!put(part)) return false;
    }
    to_.text += "]";
    return true;
  }

  bool put_structure(const described_type& type) {
    open_.push_back(&type);
    const bool well = put_parts(type);
    open_.pop_back();
    return well;
  }

  /// The innermost structure of that name is meant. Inside, those within it are not open.
  bool put_outer(const described_type& type) {
    for (auto at = open_.size(); at > 0; --at) {
      if (open_[at - 1]->name != type.name) continue;
      const auto outer =
          std::vector<const described_type*>(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(at));
      const auto inner = std::exchange(open_, outer);
      const bool well = put_parts(*open_.back());
      open_ = inner;
      return well;
    }
    return false;
  }

  const known_records& records_;
  byte_reader& from_;
  json_text& to_;
  unsigned depth_ = 0;
  std::vector<const described_type*> open_;
};

}  // namespace

result<std::string> to_json(const described_type& type, const known_records& records, std::string_view bytes,
                            std::size_t bytes_max) {
  byte_reader from{bytes};
  json_text to{{}, bytes_max};
  const bool well = object_printer{records, from, to}.put(type);
  if (to.is_full())
    return error{errc::limit_exceeded,
                 "as text the object is longer than " + std::to_string(bytes_max) + " bytes"};
  if (!well || !from.is_done())
    return error{errc::corrupt_input, "the " + std::to_string(bytes.size()) + " bytes of an object are no " +
                                          std::string{type.description.substr(0, 200)}};
  return std::move(to.text);
}

}  // namespace weir::state

#include "state/described/described_type.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace weir::state {
namespace {

struct plain_type {
  std::string_view name;
  type_kind kind;
  std::uint64_t bytes;
};
constexpr std::array plain_types{plain_type{"bool", type_kind::truth, 1},
                                 plain_type{"int8", type_kind::signed_integer, 1},
                                 plain_type{"int16", type_kind::signed_integer, 2},
                                 plain_type{"int32", type_kind::signed_integer, 4},
                                 plain_type{"int64", type_kind::signed_integer, 8},
                                 plain_type{"uint8", type_kind::unsigned_integer, 1},
                                 plain_type{"uint16", type_kind::unsigned_integer, 2},
                                 plain_type{"uint32", type_kind::unsigned_integer, 4},
                                 plain_type{"uint64", type_kind::unsigned_integer, 8},
                                 plain_type{"float32", type_kind::floating, 4},
                                 plain_type{"float64", type_kind::floating, 8},
                                 plain_type{"text", type_kind::text, 0}};

struct generic_type {
  std::string_view name;
  type_kind kind;
  std::size_t parts;
};
constexpr std::size_t any_parts = static_cast<std::size_t>(-1);
constexpr std::array generic_types{
    generic_type{"list", type_kind::list, 1}, generic_type{"set", type_kind::set, 1},
    generic_type{"map", type_kind::map, 2}, generic_type{"optional", type_kind::optional, 1},
    generic_type{"tuple", type_kind::tuple, any_parts}};

struct unit {
  std::string_view name;
  std::int64_t numerator;
  std::int64_t denominator;
};
constexpr std::array units{unit{"ns", 1, 1'000'000'000}, unit{"us", 1, 1'000'000},
                           unit{"ms", 1, 1'000},         unit{"s", 1, 1},
                           unit{"min", 60, 1},           unit{"h", 3'600, 1}};

template <class Table>
auto find_name(const Table& table, std::string_view name) {
  return std::find_if(table.begin(), table.end(), [name](const auto& each) { return each.name == name; });
}

bool is_number(type_kind kind) {
  return kind == type_kind::truth || kind == type_kind::signed_integer ||
         kind == type_kind::unsigned_integer || kind == type_kind::floating;
}

/// Recursive descent; every function returns false where the text is not what it reads.
class type_parser {
 public:
  explicit type_parser(std::string_view text) : text_{text} {}

  bool read_whole(described_type& type) { return read(type) && at_ == text_.size(); }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }

 private:
  bool read(described_type& type) {
    if (depth_ == description_nesting_max) return false;
    ++depth_;
    const auto begin = at_;
    bool well = read_one(type, begin);
    for (unsigned arrays = 0; well && take("["); ++arrays) {
      described_type array{.kind = type_kind::array};
      well = take_number(array.size, 10) && take("]");
      array.parts.push_back(std::move(type));
      array.description = text_.substr(begin, at_ - begin);
      type = std::move(array);
      well = well && arrays < arrays_max;
    }
    --depth_;
    return well;
  }

  bool read_one(described_type& type, std::size_t begin) {
    const auto name = take_name();
    const bool well = read_named(type, name);
    type.description = text_.substr(begin, at_ - begin);
    return well;
  }

  bool read_named(described_type& type, std::string_view name) {
    if (take("{")) return read_structure(type, name);
    if (name.empty()) return false;
    type.name = name;
    if (take("<")) return read_generic(type, name);
    if (take("(")) return read_time(type, name);
    if (take(":")) return read_enumeration(type);
    if (take("@")) {
      type.kind = type_kind::record;
      return take_number(type.size, 16);
    }
    return read_plain(type, name);
  }

  bool read_plain(described_type& type, std::string_view name) {
    if (const auto* found = find_name(plain_types, name); found != plain_types.end()) {
      type.kind = found->kind;
      type.size = found->bytes;
      return true;
    }
    if (name == "event_time" || name == "processing_time") {
      type.kind = type_kind::time;
      set_unit(type, units[1]);
      type.parts.push_back(count());
      return true;
    }
    type.kind = type_kind::outer_structure;
    return std::find(open_.begin(), open_.end(), name) != open_.end();
  }

  bool read_structure(described_type& type, std::string_view name) {
    type.name = name;
    if (std::uint64_t bytes = 0; is_digit() && take_number(bytes, 10)) {
      type.kind = type_kind::opaque;
      type.size = bytes;
      return take(" bytes}");
    }
    type.kind = type_kind::structure;
    open_.push_back(name);
    const bool well = read_parts(type, "}");
    open_.pop_back();
    return well;
  }

  bool read_generic(described_type& type, std::string_view name) {
    const auto* found = find_name(generic_types, name);
    if (found == generic_types.end()) return false;
    type.kind = found->kind;
    return read_parts(type, ">") && (found->parts == any_parts || found->parts == type.parts.size());
  }

  bool read_parts(described_type& type, std::string_view end) {
    if (take(end)) return true;
    do {
      if (!read(type.parts.emplace_back())) return false;
    } while (take(", "));
    return take(end);
  }

  bool read_time(described_type& type, std::string_view name) {
    if (name != "time" && name != "processing_time" && name != "duration") return false;
    type.kind = name == "duration" ? type_kind::duration : type_kind::time;
    if (!read_unit(type)) return false;
    if (!take(", "))
      type.parts.push_back(count());
    else if (!read(type.parts.emplace_back()) || !is_number(type.parts.back().kind))
      return false;
    return take(")");
  }

  bool read_unit(described_type& type) {
    if (is_digit()) {
      std::uint64_t numerator = 0;
      std::uint64_t denominator = 0;
      if (!take_number(numerator, 10) || !take("/") || !take_number(denominator, 10) || !take("s"))
        return false;
      type.unit_numerator = static_cast<std::int64_t>(numerator);
      type.unit_denominator = static_cast<std::int64_t>(denominator);
      return type.unit_numerator > 0 && type.unit_denominator > 0;
    }
    const auto* found = find_name(units, take_name());
    if (found == units.end()) return false;
    set_unit(type, *found);
    return true;
  }

  bool read_enumeration(described_type& type) {
    type.kind = type_kind::enumeration;
    return read(type.parts.emplace_back()) && is_number(type.parts.back().kind) &&
           type.parts.back().kind != type_kind::floating;
  }

  static constexpr unsigned arrays_max = 16;  ///< in one another

  static void set_unit(described_type& type, const unit& u) {
    type.unit_numerator = u.numerator;
    type.unit_denominator = u.denominator;
  }
  static described_type count() {
    return {.kind = type_kind::signed_integer, .name = "int64", .size = 8, .description = "int64"};
  }

  std::string_view take_name() {
    const auto begin = at_;
    at_ = std::min(text_.find_first_of("{}<>()[],:@/ ", at_), text_.size());
    return text_.substr(begin, at_ - begin);
  }
  bool take(std::string_view expected) {
    if (!text_.substr(at_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }
  [[nodiscard]] bool is_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }
  bool take_number(std::uint64_t& number, int radix) {
    const auto* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), number, radix);
    at_ += static_cast<std::size_t>(end - begin);
    return error == std::errc{};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
  std::vector<std::string_view> open_;  ///< names of the structures being read
};

std::string shortened(std::string_view text) {
  constexpr std::size_t chars_max = 200;
  return text.size() <= chars_max ? std::string{text} : std::string{text.substr(0, chars_max)} + "...";
}

}  // namespace

result<described_type> parse_type(std::string_view description) {
  described_type type;
  type_parser parser{description};
  if (description.size() <= description_bytes_max && parser.read_whole(type)) return type;
  return error{errc::corrupt_input,
               "'" + shortened(description) + "' describes no state type, from character " +
                   std::to_string(parser.at() + 1) + " on; a later release wrote it, or it is damaged"};
}

}  // namespace weir::state

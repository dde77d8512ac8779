/// Any bytes as encoded objects, type descriptions, record schemas and rows: no crash, no endless loop, no memory without
/// bound; and what decoding accepts, encoding writes again so that decoding accepts it.

#include "fuzz/driver/seeds.hpp"
#include "state/described/described_cells.hpp"
#include "state/described/described_type.hpp"
#include "state/described/key_text.hpp"
#include "state/described/known_records.hpp"
#include "state/described/state_text.hpp"
#include "state/row_values.hpp"
#include "support/records.capnp.h"
#include <weir/assert.hpp>
#include <weir/runtime/decode.hpp>
#include <weir/runtime/describe.hpp>
#include <weir/runtime/encode.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using namespace weir;
using namespace weir::state;

constexpr std::size_t json_bytes = 100'000;

enum class truth : bool { no, yes };
struct tree {
  std::uint32_t value = 0;
  std::uint32_t bits : 3 = 0;
  truth really{};
  std::vector<tree> children;
};
struct nothing {};

using many = std::tuple<std::map<std::string, std::optional<std::vector<bool>>>, std::deque<tree>,
                        std::set<event_time>, std::vector<nothing>, std::array<std::string, 2>>;
using shapes = std::vector<stored<test::Shape>>;

template <class T>
void decode_twice(std::string_view bytes) {
  T object{};
  byte_reader from{bytes};
  if (!decode(object, from)) return;
  std::string again;
  byte_writer to{again};
  encode(object, to);
  T copy{};
  byte_reader reread{again};
  WEIR_ASSERT(decode(copy, reread) && reread.is_done(), "an object that was read could not be read again");
  const auto description = describe<T>();
  known_records records;
  static_cast<void>(records.add(schemas_of<T>()).ok());
  static_cast<void>(to_json(*parse_type(description), records, bytes, json_bytes).ok());
}

/// As many bytes as the first two say.
std::string_view take_counted_part(std::string_view& bytes) {
  byte_reader from{bytes};
  const auto part = from.take_bytes(std::min<std::size_t>(from.take<std::uint16_t>(), from.left().size()));
  bytes = from.left();
  return part;
}

/// Up to the first NUL, which is dropped.
std::string_view take_part(std::string_view& bytes) {
  const auto end = std::min(bytes.find('\0'), bytes.size());
  const auto part = bytes.substr(0, end);
  bytes.remove_prefix(std::min(end + 1, bytes.size()));
  return part;
}

void describe_foreign(std::string_view bytes) {
  const auto description = take_part(bytes);
  const auto type = parse_type(description);
  if (!type.ok()) return;
  static_cast<void>(to_json(*type, known_records{}, bytes, json_bytes).ok());
  std::string json;
  append_key(json, bytes, &*type);
}

void use_schemas(std::string_view bytes) {
  known_records records;
  if (!records.add(take_counted_part(bytes)).ok()) return;
  json_text to{{}, json_bytes};
  static_cast<void>(records.append_json(record_type::of<test::Shape>().id(), bytes, to));
}

void read_rows(std::string_view bytes) {
  std::string json;
  const auto cells = described_cells::from_row(take_counted_part(bytes));
  if (cells.ok()) static_cast<void>(cells->append_objects(json, bytes));
  static_cast<void>(described_cells::append_timers(json, bytes));
}

}  // namespace

std::vector<std::string> fuzz::seeds() {
  const auto encoded = [](char which, const auto& object) {
    std::string bytes{which};
    byte_writer to{bytes};
    encode(object, to);
    return bytes;
  };
  const many all{{{"a", std::vector<bool>{true, false}}, {"b", std::nullopt}},
                 {tree{7, 3, truth::yes, {tree{8, 1, truth::no, {}}}}},
                 {event_time{duration{5}}},
                 {nothing{}, nothing{}},
                 {"x", "yz"}};
  const auto counted = [](std::string_view part) {
    std::string bytes;
    byte_writer{bytes}.put(static_cast<std::uint16_t>(part.size()));
    return bytes + std::string{part};
  };
  const auto cells = encode_cells(std::array{
      stored_cell{0, {"sums", cell_kind::value, "int64"}}, stored_cell{1, {"names", cell_kind::list, "text"}},
      stored_cell{3, {"hits", cell_kind::map, "uint8", "text"}, true}});
  std::string objects;
  byte_writer to{objects};
  to.put_count(1);
  to.put_text(
      std::string_view{"\x02\x01"
                       "a"
                       "\x01"
                       "b"});
  return {encoded(0, all), encoded(1, shapes(2)),
          "\2" + describe<many>() + std::string(1, '\0') + encoded(0, all).substr(1),
          "\3" + counted(schemas_of<shapes>()) + "x", "\4" + counted(cells) + objects};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (*data % 5) {
    case 0: decode_twice<many>(bytes); break;
    case 1: decode_twice<shapes>(bytes); break;
    case 2: describe_foreign(bytes); break;
    case 3: use_schemas(bytes); break;
    default: read_rows(bytes); break;
  }
  return 0;
}

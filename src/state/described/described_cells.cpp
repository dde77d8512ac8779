#include "state/described/described_cells.hpp"

#include "core/iso_8601.hpp"
#include "state/described/json_text.hpp"
#include "state/described/state_text.hpp"
#include "state/row_values.hpp"
#include <weir/time.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace weir::state {
namespace {

/// What a cell holds per key, as one type.
std::string whole_description(const cell_descriptor& cell) {
  switch (cell.kind) {
    case cell_kind::list: return "list<" + cell.type + ">";
    case cell_kind::map: return "map<" + cell.sub_key_type + ", " + cell.type + ">";
    default: return cell.type;
  }
}

void append_error(std::string& json, std::string_view why) {
  json += "{\"error\":";
  append_quoted(json, why);
  json += "}";
}

}  // namespace

result<described_cells> described_cells::from_row(std::string_view cells_row) {
  auto stored = decode_cells(cells_row);
  if (!stored)
    return error{errc::corrupt_input,
                 "the description of an operator's state cells is damaged, or of a later version of Weir"};
  described_cells described;
  for (const auto& each : *stored) {
    if (each.is_dropped) continue;
    auto& added = described.cells_.emplace_back();
    added.number = each.number;
    added.name = each.cell.name;
    added.description = std::make_unique<const std::string>(whole_description(each.cell));
    if (auto type = parse_type(*added.description); type.ok())
      added.type = *std::move(type);
    else
      added.error = type.failed().message;
    if (auto records = added.records.add(each.cell.schemas); !records.ok())
      added.error = records.failed().message;
  }
  return described;
}

bool described_cells::append_objects(std::string& json, std::string_view objects_row) const {
  const auto objects = decode_objects(objects_row);
  if (!objects) {
    append_error(json, "the row of the objects is damaged");
    return false;
  }
  std::string_view separator;
  bool well = true;
  json += "{";
  for (const auto& object : *objects) {
    const auto known = std::find_if(cells_.begin(), cells_.end(),
                                    [&](const cell& each) { return each.number == object.number; });
    json += std::exchange(separator, ",");
    well &= append_object(json, known == cells_.end() ? nullptr : &*known, object.number, object.bytes);
  }
  json += "}";
  return well;
}

bool described_cells::append_object(std::string& json, const cell* known, std::uint32_t number,
                                    std::string_view bytes) {
  append_quoted(json, known == nullptr ? "#" + std::to_string(number) : known->name);
  json += ":";
  if (known == nullptr) {  // its cell was dropped; the row was not written since
    append_hex(json, bytes);
    return true;
  }
  if (!known->error.empty()) {
    append_error(json, known->error);
    return false;
  }
  auto shown = to_json(known->type, known->records, bytes);
  if (shown.ok())
    json += *shown;
  else
    append_error(json, shown.failed().message);
  return shown.ok();
}

bool described_cells::append_timers(std::string& json, std::string_view timers_row) {
  auto row = decode_timers(timers_row);
  if (!row) {
    append_error(json, "the row of the timers is damaged");
    return false;
  }
  std::sort(row->timers.begin(), row->timers.end(), [](const stored_timer& a, const stored_timer& b) {
    return std::tie(a.deadline_us, a.clock, a.name) < std::tie(b.deadline_us, b.clock, b.name);
  });
  std::string_view separator;
  json += "[";
  for (const auto& timer : row->timers) {
    json.append(std::exchange(separator, ",")).append("{\"name\":");
    append_quoted(json, timer.name);
    json += timer.clock == clock_kind::event ? R"(,"clock":"event","at":)" : R"(,"clock":"processing","at":)";
    append_quoted(json, iso_8601::to_text(timer.deadline_us, time_unit::micros));
    json += "}";
  }
  json += "]";
  return true;
}

}  // namespace weir::state

#include "snapshot_tool/key_printer.hpp"

#include "state/described/json_text.hpp"
#include "state/described/key_text.hpp"

#include <utility>

namespace weir::snapshot_tool {

result<key_printer> key_printer::of(const state::state_store& store, const std::string& operator_name,
                                    std::string_view key_type) {
  key_printer made;
  made.operator_name_ = operator_name;
  if (!key_type.empty()) {
    made.key_description_ = std::make_unique<const std::string>(key_type);
    if (auto type = state::parse_type(*made.key_description_); type.ok()) made.key_type_ = *std::move(type);
  }
  const auto row = cells_row_of(store, operator_name);
  if (!row.ok()) return row.failed();
  if (row->empty()) return made;
  auto cells = state::described_cells::from_row(*row);
  if (!cells.ok())
    return error{cells.failed().code, "operator '" + operator_name + "': " + cells.failed().message};
  made.cells_ = *std::move(cells);
  return made;
}

std::string key_printer::key(const state_part& part, std::string_view key) const {
  if (!part.keyed) return std::to_string(part.number);
  std::string json;
  state::append_key(json, key, key_type_ ? &*key_type_ : nullptr);
  return json;
}

bool key_printer::is_key(const state_part& part, std::string_view key, std::string_view asked) const {
  const auto json = this->key(part, key);
  return json == asked || json == '"' + std::string{asked} + '"' || (part.keyed && key == asked);
}

void key_printer::append_place(std::string& json, const state_part& part, std::string_view key) const {
  json += "\"operator\":";
  state::append_quoted(json, operator_name_);
  json.append(part.keyed ? ",\"key\":" : ",\"instance\":").append(this->key(part, key));
}

bool key_printer::append_rows(std::string& json, const key_rows& rows) const {
  json += "\"cells\":";
  bool well = true;
  if (rows.objects.empty())
    json += "{}";
  else
    well = cells_.append_objects(json, rows.objects);
  json += ",\"timers\":";
  if (rows.timers.empty())
    json += "[]";
  else
    well = state::described_cells::append_timers(json, rows.timers) && well;
  return well;
}

}  // namespace weir::snapshot_tool

#include "core/iso_8601.hpp"
#include "io/snapshots/snapshot_names.hpp"
#include "launcher/json_writer.hpp"
#include "launcher/readable.hpp"
#include "snapshot_tool/snapshot_reports.hpp"
#include "snapshot_tool/text_table.hpp"

#include <algorithm>
#include <string_view>

namespace weir::snapshot_tool {
namespace {

std::string_view kind_of(const io::snapshot_id& id) { return id.savepoint ? "savepoint" : "snapshot"; }

}  // namespace

std::string list_text(std::span<const listed_snapshot> snapshots, std::int64_t now_us) {
  text_table table;
  table.add({"EPOCH", "KIND", "AGE", "TOOK", "SIZE", "OPERATORS", "PATH"});
  std::string damages;
  for (const auto& each : snapshots) {
    std::vector<std::string> row{std::to_string(each.found.id.epoch), std::string{kind_of(each.found.id)}};
    if (each.contents.ok()) {
      const auto& contents = *each.contents;
      row.push_back(launcher::readable_duration(duration{now_us - contents.completed_us}));
      row.push_back(launcher::readable_duration(duration{contents.duration_us}));
      row.push_back(launcher::readable_bytes(static_cast<double>(contents.bytes)));
      row.push_back(std::to_string(contents.operators.size()));
    } else {
      row.insert(row.end(), {"damaged", "-", "-", "-"});
      damages += "damaged: " + each.contents.failed().message + "\n";
    }
    row.push_back(each.found.location());
    table.add(std::move(row));
  }
  return table.text() + damages;
}

std::string list_json(std::span<const listed_snapshot> snapshots, std::int64_t now_us) {
  launcher::json_writer json;
  json.begin_array();
  for (const auto& each : snapshots) {
    json.begin_object().member("path", each.found.location());
    json.member("epoch", each.found.id.epoch).member("kind", kind_of(each.found.id));
    if (each.contents.ok()) {
      const auto& contents = *each.contents;
      json.member("job", contents.job);
      json.member("completed", iso_8601::to_text(contents.completed_us, time_unit::micros));
      json.member("ageSeconds",
                  static_cast<double>(std::max<std::int64_t>(now_us - contents.completed_us, 0)) / 1e6);
      json.member("durationSeconds", static_cast<double>(contents.duration_us) / 1e6);
      json.member("bytes", contents.bytes);
      json.member("operators", std::uint64_t{contents.operators.size()});
    } else {
      json.member("damaged", each.contents.failed().message);
    }
    json.end_object();
  }
  json.end_array();
  return json.text() + "\n";
}

}  // namespace weir::snapshot_tool

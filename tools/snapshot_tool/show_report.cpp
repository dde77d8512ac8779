#include "core/iso_8601.hpp"
#include "launcher/json_writer.hpp"
#include "launcher/readable.hpp"
#include "snapshot_tool/snapshot_reports.hpp"
#include "snapshot_tool/text_table.hpp"

#include <numeric>

namespace weir::snapshot_tool {
namespace {

template <class Member>
std::uint64_t sum(const operator_contents& from, Member member) {
  return std::accumulate(from.instances.begin(), from.instances.end(), std::uint64_t{0},
                         [member](std::uint64_t total, const auto& each) { return total + each.*member; });
}

/// A line per place of a source and per output of a sink.
std::string places_of(const operator_contents& from) {
  std::string lines;
  for (const auto& each : from.instances) {
    const auto instance = "  " + from.name + "/" + std::to_string(each.number) + "  ";
    if (!each.position.empty())
      lines += instance + "at " + each.position + (each.has_ended ? ", ended\n" : "\n");
    for (const auto& output : each.outputs) lines += instance + "prepared " + output + "\n";
  }
  return lines;
}

void write_instance(launcher::json_writer& json, const instance_contents& instance) {
  json.begin_object().member("instance", std::uint64_t{instance.number});
  json.member("keys", instance.keys).member("stateBytes", instance.state_bytes);
  json.member("progress", instance.has_ended ? "ended" : "running");
  if (!instance.position.empty())
    json.member("position", instance.position).member("records", instance.records);
  if (!instance.outputs.empty()) {
    json.key("prepared").begin_array();
    for (const auto& output : instance.outputs) json.value(output);
    json.end_array();
  }
  json.end_object();
}

}  // namespace

std::string show_text(const snapshot_contents& contents, const std::string& location, std::int64_t now_us) {
  std::string text = location + "\n";
  text += (contents.id.savepoint ? "savepoint" : "snapshot") + std::string{" of job "} + contents.job +
          ", epoch " + std::to_string(contents.id.epoch) + "\n";
  text += "completed " + iso_8601::to_text(contents.completed_us, time_unit::micros) + ", " +
          launcher::readable_duration(duration{now_us - contents.completed_us}) + " ago; it took " +
          launcher::readable_duration(duration{contents.duration_us}) + "\n";
  text += launcher::readable_bytes(static_cast<double>(contents.bytes)) + " in " +
          std::to_string(contents.files.size()) + " files\n\n";
  text_table table;
  table.add({"OPERATOR", "KIND", "INSTANCES", "KEYS", "STATE"});
  std::string places;
  for (const auto& each : contents.operators) {
    table.add({each.name, each.kind, std::to_string(each.instances.size()),
               launcher::grouped(sum(each, &instance_contents::keys)),
               launcher::readable_bytes(static_cast<double>(sum(each, &instance_contents::state_bytes)))});
    places += places_of(each);
  }
  text += table.text();
  return places.empty() ? text : text + "\n" + places;
}

std::string show_json(const snapshot_contents& contents, const std::string& location, std::int64_t now_us) {
  launcher::json_writer json;
  json.begin_object().member("path", location).member("job", contents.job);
  json.member("epoch", contents.id.epoch).member("kind", contents.id.savepoint ? "savepoint" : "snapshot");
  json.member("completed", iso_8601::to_text(contents.completed_us, time_unit::micros));
  json.member("ageSeconds",
              static_cast<double>(std::max<std::int64_t>(now_us - contents.completed_us, 0)) / 1e6);
  json.member("durationSeconds", static_cast<double>(contents.duration_us) / 1e6);
  json.member("bytes", contents.bytes).member("files", std::uint64_t{contents.files.size()});
  json.key("operators").begin_array();
  for (const auto& each : contents.operators) {
    json.begin_object().member("name", each.name).member("kind", each.kind);
    if (each.keyed) json.member("keyType", each.key_type);
    json.key("instances").begin_array();
    for (const auto& instance : each.instances) write_instance(json, instance);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json.text() + "\n";
}

}  // namespace weir::snapshot_tool

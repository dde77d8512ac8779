#include "io/snapshots/snapshot_names.hpp"

#include <algorithm>
#include <charconv>

namespace weir::io {

namespace {

constexpr std::string_view snapshot_prefix = "snapshot-";
constexpr std::string_view savepoint_prefix = "savepoint-";
constexpr std::string_view partial_ending = ".partial";
constexpr std::size_t epoch_digits = 10;
constexpr std::size_t name_bytes_max = 200;

bool has_control_character(std::string_view name) noexcept {
  return std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

std::string printable(std::string_view name) {
  std::string out{name.substr(0, name_bytes_max)};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?');
  return out;
}

}  // namespace

std::string directory_name_of(const snapshot_id& id) {
  std::string digits = std::to_string(id.epoch);
  if (digits.size() < epoch_digits) digits.insert(0, epoch_digits - digits.size(), '0');
  return std::string{id.savepoint ? savepoint_prefix : snapshot_prefix} + digits;
}

std::optional<snapshot_id> snapshot_named(std::string_view name) noexcept {
  const bool savepoint = name.starts_with(savepoint_prefix);
  if (!savepoint && !name.starts_with(snapshot_prefix)) return std::nullopt;
  name.remove_prefix(savepoint ? savepoint_prefix.size() : snapshot_prefix.size());
  if (name.size() < epoch_digits || (name.size() > epoch_digits && name.front() == '0')) return std::nullopt;
  snapshot_id id{0, savepoint};
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), id.epoch);
  if (failed != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return id;
}

std::string partial_name_of(const snapshot_id& id) {
  return "." + directory_name_of(id) + std::string{partial_ending};
}

bool is_partial_name(std::string_view name) noexcept {
  if (!name.starts_with('.') || !name.ends_with(partial_ending)) return false;
  name.remove_prefix(1);
  name.remove_suffix(std::min(partial_ending.size(), name.size()));
  return snapshot_named(name).has_value();
}

result<void> check_name(std::string_view name, std::string_view what) {
  const char* why = nullptr;
  if (name.empty()) why = "it is empty";
  if (name.size() > name_bytes_max) why = "it is longer than 200 bytes";
  if (name.starts_with('.')) why = "it begins with a dot";
  if (name.find('/') != std::string_view::npos) why = "it has a slash";
  if (has_control_character(name)) why = "it has a control character";
  if (name == manifest_name) why = "the manifest is called that";
  if (why == nullptr) return {};
  return error{errc::invalid_argument, "a snapshot cannot keep the " + std::string{what} + " '" +
                                           printable(name) + "': " + why + "; give it another name"};
}

}  // namespace weir::io

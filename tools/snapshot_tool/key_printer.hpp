#pragma once
/// The keys and objects of one operator as JSON.

#include "snapshot_tool/stored_keys.hpp"
#include "state/described/described_cells.hpp"
#include "state/described/described_type.hpp"
#include "state/state_store.hpp"
#include <weir/error.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::snapshot_tool {

/// Confined to its owner.
class key_printer {
 public:
  /// `key_type` describes the operator's keys; empty: it is not known.
  [[nodiscard]] static result<key_printer> of(const state::state_store& store,
                                              const std::string& operator_name, std::string_view key_type);

  /// The key, or the number of the instance where there are no keys.
  [[nodiscard]] std::string key(const state_part& part, std::string_view key) const;
  /// A person wrote `asked`: with or without quotes, or the key's very bytes.
  [[nodiscard]] bool is_key(const state_part& part, std::string_view key, std::string_view asked) const;

  /// For a person: `storms "DEN"`, `storms/0`.
  [[nodiscard]] std::string place(const state_part& part, std::string_view key) const {
    return operator_name_ + (part.keyed ? " " : "/") + this->key(part, key);
  }
  /// Appends `"operator":"storms","key":"DEN"`, or `"instance":0`.
  void append_place(std::string& json, const state_part& part, std::string_view key) const;
  /// Appends `"cells":{...},"timers":[...]`. False: something in it is damaged, and says so.
  [[nodiscard]] bool append_rows(std::string& json, const key_rows& rows) const;

 private:
  std::string operator_name_;
  std::unique_ptr<const std::string> key_description_;  ///< key_type_ views it
  std::optional<state::described_type> key_type_;
  state::described_cells cells_;
};

}  // namespace weir::snapshot_tool

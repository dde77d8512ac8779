#pragma once
/// Rows of keyed state (row_values.hpp) as JSON, by the cells that their operator's cells row describes.

#include "state/described/described_type.hpp"
#include "state/described/known_records.hpp"
#include <weir/error.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::state {

/// The cells of one operator. Confined to its owner.
class described_cells {
 public:
  described_cells() = default;
  /// corrupt_input: the row is damaged. A cell with a description that cannot be read is kept: its objects are not shown.
  [[nodiscard]] static result<described_cells> from_row(std::string_view cells_row);

  /// Appends `{"open":[...],"names":["a","b"]}`. Where an object cannot be read there is `{"error":"..."}`, and the result
  /// is false.
  [[nodiscard]] bool append_objects(std::string& json, std::string_view objects_row) const;
  /// Appends `[{"name":"close","clock":"event","at":"2001-01-01T00:00:00.000000Z"}]`, earliest first. False: the row is
  /// damaged.
  [[nodiscard]] static bool append_timers(std::string& json, std::string_view timers_row);

 private:
  struct cell {
    std::uint32_t number = 0;
    std::string name;
    std::unique_ptr<const std::string> description;  ///< of a whole object; `type` views it
    described_type type;
    known_records records;
    std::string error;  ///< why its objects cannot be shown; empty: they can
  };

  [[nodiscard]] static bool append_object(std::string& json, const cell* known, std::uint32_t number,
                                          std::string_view bytes);

  std::vector<cell> cells_;
};

}  // namespace weir::state

#pragma once
/// The records that a stored state type names, by the schemas that were stored with it.

#include "state/described/json_text.hpp"
#include <weir/error.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::state {

/// Confined to its owner.
class known_records {
 public:
  known_records();
  ~known_records();
  known_records(known_records&&) noexcept;
  known_records& operator=(known_records&&) noexcept;

  /// Takes a cell_descriptor's schemas. corrupt_input: they are damaged, or they contradict, by Cap'n Proto's rules of
  /// evolution, what was added before; the message says how.
  [[nodiscard]] result<void> add(std::string_view schemas);

  /// Appends the record as a JSON object of its fields. `words` is what weir::stored encodes. Stops where `to` is full.
  /// False: there is no such record, or the words are none.
  [[nodiscard]] bool append_json(std::uint64_t id, std::string_view words, json_text& to) const;

 private:
  struct schemas;
  std::unique_ptr<schemas> schemas_;
};

}  // namespace weir::state

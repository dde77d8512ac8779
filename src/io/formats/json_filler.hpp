#pragma once
/// JSON objects into the sections of records.

#include "io/formats/json_cursor.hpp"
#include "io/formats/json_index.hpp"
#include "io/formats/record_plan.hpp"
#include "io/formats/struct_target.hpp"

#include <capnp/any.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::io {

/// Fills records by their plan. Confined to its parser.
class json_filler {
 public:
  /// Nested structs and lists; Cap'n Proto refuses to read deeper than 64.
  static constexpr int depth_max = 60;
  /// Bytes of one list in memory: `[{},{},...` grows a hundredfold.
  static constexpr std::size_t list_bytes_max = std::size_t{64} << 20;

  /// Takes one object and what it holds. False: reason() says why not. `index` made the cursor's tokens.
  [[nodiscard]] bool fill(json_cursor& from, json_index& index, const record_plan& plan,
                          struct_target target);

  /// `position.latitude = 1e999: is no Float64`
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

 private:
  bool fill_object(const record_plan& plan, struct_target& target, int depth);
  bool take_key(const record_plan& plan, const field_plan* expected, const field_plan*& field);
  bool set_field(const field_plan& field, struct_target& target, int depth);
  bool set_text(const field_plan& field, std::string_view token, struct_target& target);
  bool set_pointer(const value_plan& what, capnp::AnyPointer::Builder to, int depth);
  bool scalar(const value_plan& what, std::string_view token, std::uint64_t& bits);
  bool content_of(std::string_view token, std::string_view& out);
  bool fill_list(const value_plan& element, capnp::AnyPointer::Builder to, int depth);
  template <class Set>
  bool for_each_element(unsigned count, Set&& set);
  bool take_null();
  bool refuse(std::string why);
  bool malformed(std::string_view what);

  json_cursor* from_ = nullptr;
  json_index* index_ = nullptr;
  std::string reason_;
};

}  // namespace weir::io

#pragma once
/// What a join keeps of the records of one side, and what the author's functions see of it.

#include <weir/record.hpp>
#include <weir/runtime/state_type.hpp>
#include <weir/stored.hpp>

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace weir::joins {

/// The whole record: functions see its Reader. To keep one costs a copy and an allocation.
template <record T>
struct kept_record {
  using record_of = T;
  using row = stored<T>;              ///< what lies in state
  using seen = typename T::Reader;    ///< what functions take
  using maybe = std::optional<seen>;  ///< the same where there may be none

  [[nodiscard]] seen of(typename T::Reader in) { return in; }
  [[nodiscard]] static row keep(const seen& in) { return row{in}; }
  [[nodiscard]] static seen see(const row& kept) { return kept.reader(); }
  [[nodiscard]] static maybe some(const seen& in) { return in; }
  [[nodiscard]] static maybe none() { return std::nullopt; }
};

/// A row that the author's function makes of the record. Small and trivially copyable is fastest.
template <record T, class Row, class Project>
struct kept_row {
  using record_of = T;
  using row = Row;
  using seen = Row;
  using maybe = const Row*;

  [[nodiscard]] seen of(typename T::Reader in) { return std::invoke(project, in); }
  [[nodiscard]] static const row& keep(const seen& in) { return in; }
  [[nodiscard]] static const seen& see(const row& kept) { return kept; }
  [[nodiscard]] static maybe some(const seen& in) { return &in; }
  [[nodiscard]] static maybe none() { return nullptr; }

  Project project;
};

template <class Row, class Project, class T>
concept projects_to = std::is_invocable_r_v<Row, Project&, typename T::Reader>;

}  // namespace weir::joins

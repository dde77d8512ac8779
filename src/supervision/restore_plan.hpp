#pragma once
/// How the instances of a job begin on a snapshot, which may be of another parallelism and of other operators.

#include "state/state_store.hpp"
#include "supervision/job_snapshot.hpp"
#include <weir/error.hpp>
#include <weir/runtime/graph.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace weir::supervision {

/// What a cell is given before its first life.
struct cell_start {
  instance_snapshot snapshot{};
  std::vector<std::string> bookmarks{};  ///< of a source: those of all parts of all earlier instances
};

/// What nobody takes over.
struct dropped_part {
  std::string operator_name;
  std::uint32_t first_instance = 0;  ///< 0: the whole operator
  std::string what;                  ///< for a person; empty: only rows of state, if it has any
};

struct restore_plan {
  std::vector<std::vector<cell_start>> starts;  ///< by node and instance
  std::vector<dropped_part> dropped;
};

/// Keyed state follows its key groups. Of an operator whose parallelism has changed, an instance takes over the sources,
/// outputs and instance state of the earlier instances whose number is congruent to its own, and the least of their
/// watermarks. A source that had ended in some of its instances only goes on in all that can be read again: its parts may be
/// dealt out otherwise. Operators that the snapshot does not know begin afresh. An operator that has become another kind of
/// operator, or is keyed by another type, is an error that names both.
[[nodiscard]] result<restore_plan> plan_restore(const graph& job, const job_snapshot& from);

/// Erases the rows of what is dropped. Where that loses anything and `is_allowed` is false: an error that names it.
[[nodiscard]] result<void> drop_parts(const std::vector<dropped_part>& dropped, state::state_store& store,
                                      bool is_allowed);

}  // namespace weir::supervision

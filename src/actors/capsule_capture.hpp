#pragma once
/// From an instance that has just died, or is looked at, to a replay capsule.

#include "actors/instance_body.hpp"
#include "actors/instance_cell.hpp"
#include "operators/capsule.hpp"
#include "operators/journal.hpp"
#include <weir/error.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace weir::actors {

/// Why a capsule is made. No error: somebody asked for it.
struct capture_cause {
  std::optional<error> why{};
  std::optional<journal_event> question{};  ///< that was being answered; the journal has the earlier ones
};

/// What the instance needs to live again from its last own snapshot up to now. The cell has not been rewound.
/// limit_exceeded: more than `bytes_max`; unsupported: it keeps no journal, or is no transform.
[[nodiscard]] result<capsule> capture(const instance_cell& cell, const instance_body& body,
                                      const capture_cause& cause, std::size_t bytes_max);

/// Captures and keeps it. Where it is now.
[[nodiscard]] result<std::string> keep_capsule(const instance_cell& cell, const instance_body& body,
                                               const capture_cause& cause);

/// The same of a life that has failed, once per point at which lives die; empty where none is wanted or it failed, which
/// is logged. Harms nothing.
[[nodiscard]] std::string keep_capsule_of_death(instance_cell& cell, const instance_body& body,
                                                const capture_cause& cause) noexcept;

}  // namespace weir::actors

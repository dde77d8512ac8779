#pragma once
/// What a job did, at its end.

#include "launcher/exit_code.hpp"
#include "launcher/job_view.hpp"
#include "launcher/process_usage.hpp"
#include "supervision/job_outcome.hpp"
#include <weir/error.hpp>
#include <weir/runtime/graph.hpp>
#include <weir/time.hpp>

#include <string>

namespace weir::launcher {

struct job_summary {
  job_view view;
  supervision::job_end how{};
  exit_code code{};
  duration elapsed{0};
  process_usage used;
  std::string dead_letters_file;  ///< empty: none are kept
  bool letters_failed = false;    ///< one could not be kept
  bool is_durable = false;        ///< its snapshots outlive the process
  std::string savepoint;          ///< behind which it was stopped; empty: it was not

  // of a job that failed
  error why;
  std::string instance;  ///< with its incarnation, `storms/3#1`
  std::string record;    ///< decoded; empty if it handled none
  std::string capsule;   ///< of its last moments; empty: there is none
  node_kind failed_kind = node_kind::transform;
};

/// Lines for a person.
[[nodiscard]] std::string summary_text(const job_summary& summary);
/// One JSON object and a line end; docs/reference-cli.md has its fields.
[[nodiscard]] std::string summary_json(const job_summary& summary);

/// What to do about a failure; empty if its message says it.
[[nodiscard]] std::string next_step(const job_summary& summary);

}  // namespace weir::launcher

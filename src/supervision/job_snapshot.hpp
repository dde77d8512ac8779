#pragma once
/// What a whole job says of itself at one barrier.

#include "operators/instance_snapshot.hpp"
#include <weir/runtime/graph.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace weir::supervision {

struct operator_snapshot {
  std::string name;
  node_kind kind{};
  bool keyed = false;
  std::string key_type;
  std::vector<instance_snapshot> instances;  ///< by number
};

/// With the rows in the state store, all that a job needs to go on. Epoch 0 is the beginning.
struct job_snapshot {
  std::string job;
  std::uint64_t epoch = 0;
  bool is_savepoint = false;
  std::uint64_t attempt = 0;
  std::int64_t begun_us = 0;      ///< since 1970
  std::int64_t completed_us = 0;  ///< since 1970
  std::vector<operator_snapshot> operators;

  [[nodiscard]] bool has_ended() const noexcept {
    for (const auto& one : operators)
      for (const auto& instance : one.instances)
        if (!instance.has_ended) return false;
    return !operators.empty();
  }
};

}  // namespace weir::supervision

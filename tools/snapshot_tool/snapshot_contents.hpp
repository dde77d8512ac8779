#pragma once
/// What a snapshot's manifest says, as the commands show it.

#include "io/snapshots/snapshot_store.hpp"
#include <weir/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::snapshot_tool {

struct instance_contents {
  std::uint32_t number = 0;
  std::uint64_t keys = 0;
  std::uint64_t state_bytes = 0;
  std::uint64_t records = 0;         ///< a source's: sent
  std::string position;              ///< a source's place in its input; empty: none
  std::vector<std::string> outputs;  ///< a sink's, prepared and not known to be committed
  bool has_ended = false;
};

struct operator_contents {
  std::string name;
  std::string kind;  ///< source, transform, sink
  bool keyed = false;
  std::string key_type;  ///< see describe.hpp; empty: not known
  std::vector<instance_contents> instances;
};

struct snapshot_contents {
  std::string job;
  io::snapshot_id id;
  std::int64_t completed_us = 0;  ///< since 1970
  std::int64_t duration_us = 0;
  std::uint64_t bytes = 0;
  std::vector<operator_contents> operators;
  std::vector<io::kept_file> files;
  std::vector<io::kept_file> state_files;  ///< those of them that are the state store's
};

}  // namespace weir::snapshot_tool

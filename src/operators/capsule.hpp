#pragma once
/// What one instance needs to live its last moments again, alone: see schemas/capsule.capnp.

#include "operators/frame.hpp"
#include "operators/instance_snapshot.hpp"
#include "operators/journal.hpp"
#include "operators/watermark_merge.hpp"
#include <weir/error.hpp>
#include <weir/record.hpp>
#include <weir/runtime/batch_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// An input channel as of the snapshot.
struct capsule_channel {
  std::string sender;  ///< `parse/1`
  std::uint32_t input = 0;
  std::uint64_t record_type = 0;
  std::uint64_t schema = 0;  ///< schema_checksum() of it
  channel_marks marks{};
};

/// A consumed frame. Its number on the channel does not matter any more.
struct capsule_frame {
  frame_kind kind{};
  std::uint32_t channel = 0;
  std::int64_t watermark_us = time_min_us;
  std::string image{};  ///< batch: see batch_image.hpp
  std::int64_t watermark_max_us = time_max_us;
  std::uint64_t epoch = 0;
};

struct capsule {
  std::int64_t captured_us = 0;

  std::string job;
  std::vector<std::pair<std::string, std::string>> arguments{};    ///< names and values
  std::vector<std::pair<std::string, std::uint32_t>> operators{};  ///< names and parallelism
  std::uint64_t seed = 0;
  batch_limits batches{};
  bool stops_at_bad_record = false;

  std::string operator_name{};
  std::uint32_t instance = 0;
  std::uint32_t incarnation = 1;

  instance_snapshot snapshot{};  ///< the last own one; its channels are below
  std::vector<capsule_channel> channels{};
  std::vector<std::pair<std::string, std::string>> rows{};  ///< of the state store

  std::vector<capsule_frame> frames{};
  std::vector<journal_event> events{};
  std::vector<std::int64_t> readings{};
  std::vector<poisoned_tick> poisoned{};
  journal_point reached{};

  bool has_failed = false;  ///< otherwise it was captured on demand
  std::uint64_t tick = 0;   ///< that was being handled; 0: none
  error why{};
  std::string activity{};  ///< the record or timer, decoded

  [[nodiscard]] std::string instance_name() const { return operator_name + "/" + std::to_string(instance); }
};

/// No capsule is larger, whatever the options say.
inline constexpr std::size_t capsule_bytes_max = std::size_t{1} << 30;

/// Magic (8 bytes), version (4), length of the payload (8), its checksum (8), payload; little-endian.
[[nodiscard]] std::string file_of(const capsule& content);

/// The bytes may be anything. corrupt_input: `path` is damaged, and how; unsupported: a later release wrote it. That the
/// content fits a job is not checked.
[[nodiscard]] result<capsule> capsule_of(std::string_view file, const std::string& path);

/// Of a record type's schema and of all that it refers to: two builds that agree on it read each other's records.
[[nodiscard]] std::uint64_t schema_checksum(const record_type& type);

}  // namespace weir

#pragma once
/// Where records go that nobody could process, with the reason.

#include <weir/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// The record of a letter such that it can be handed to its operator again.
struct letter_record {
  std::string_view bytes{};       ///< a message of one segment whose root it is; empty: too large to be kept
  std::uint64_t bytes_whole = 0;  ///< how many they are, kept or not; 0: the letter is of no record
  std::uint32_t input = 0;        ///< of the operator: where it came in
  std::string_view type{};        ///< `Flight`
  std::uint64_t schema = 0;       ///< checksum of the type's schema
  std::optional<std::int64_t> event_time_us{};  ///< nothing where its stream has no event time
};

/// One record that was given up, and why. Views hold only during the call that passes it.
struct dead_letter {
  std::string_view operator_name;  ///< who gave it up: `flights/0`
  errc code{};                     ///< bad_record, record_too_large, record_rejected
  std::string_view reason;         ///< for a person
  std::string_view position;       ///< `flights.csv:17`; empty where there is none
  std::string_view content;        ///< the raw line, or the record as text; may be cut
  std::string_view key{};          ///< of the record, for a person; empty where there is none
  std::string_view capsule{};      ///< the replay capsule of what the record did; empty where there is none
  std::uint64_t epoch = 0;         ///< in which it was given up; 0: the job takes no snapshots
  letter_record record{};          ///< of a behavior's letter
};

/// Takes dead letters. Thread-safe: every instance of a job writes to the same one.
class dead_letters {
 public:
  virtual ~dead_letters() = default;
  /// An error means that the letter could not be kept: the job must stop, since it would be lost.
  virtual result<void> write(const dead_letter& letter) = 0;
  /// The job goes back to the end of that epoch: letters of later ones will come again.
  virtual result<void> forget_after(std::uint64_t /*epoch*/) { return {}; }
};

}  // namespace weir

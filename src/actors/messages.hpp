#pragma once
/// Every message between the actors of a process. They never leave it, so they are plain structs.

#include "operators/instance_snapshot.hpp"
#include <weir/error.hpp>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::actors {

/// To an instance: something lies in its inbox.
struct wake_message {};

/// Operator supervisor to a new incarnation: begin.
struct start_message {
  bool stops = false;  ///< only to give up what an earlier life has written
};

/// Instance to itself: go on.
struct continue_message {
  bool by_timer = false;  ///< sent by the clock, beside the one that is sent between two turns
};

/// To the job supervisor: sources read no further; the job finishes what was read.
struct drain_message {};

/// End now; nothing becomes final. To a supervisor: and all below it.
struct stop_message {
  bool goes_on = false;  ///< in another attempt: what output has been written stays for it
};

/// Instance to job supervisor: a barrier has passed, this is my state.
struct own_snapshot_message {
  std::shared_ptr<const instance_snapshot> content;
};

/// Instance to job supervisor: my journal or my changed state takes too much memory.
struct snapshot_wanted_message {};

/// To an instance: answer with a report_message.
struct inspect_message {};

/// A flat Cap'n Proto message, wire::InstanceReport.
struct report_message {
  std::shared_ptr<const std::vector<std::uint64_t>> words;
};

/// To an instance: a question for its behavior, as a flat Cap'n Proto message. Answered with an answer_message.
struct ask_message {
  std::uint64_t question_type = 0;
  std::string key;
  std::shared_ptr<const std::vector<std::uint64_t>> words;
};

struct answer_message {
  std::shared_ptr<const std::vector<std::uint64_t>> words;  ///< null: `why` says it
  error why{};
};

/// To an instance: make a replay capsule of what you have met since your last own snapshot. Answered with a captured_message.
struct capture_message {};

struct captured_message {
  std::string path;  ///< empty: `why` says it
  error why{};
};

/// How an instance's life ended.
enum class exit_reason : std::uint8_t {
  ended,    ///< everything consumed, the output final
  stopped,  ///< told to
  failed,   ///< `why` says it
};

/// Instance to its operator supervisor, and on to the job supervisor: a life has ended.
struct exit_message {
  std::uint32_t node = 0;
  std::uint32_t instance = 0;
  std::uint32_t incarnation = 1;
  exit_reason reason{};
  error why{};
  std::string record;     ///< decoded; the one whose handling failed
  std::string capsule{};  ///< where it lies; empty: there is none
  report_message last_report;
  bool can_live_again = false;  ///< failed: its cell is ready for the next incarnation
  bool is_poisoned = false;     ///< failed: what it died of will not be handled again
  std::int64_t delay_us = 0;    ///< failed: the back-off before it
  bool is_final = false;        ///< failed: no restart of others will help
  bool awaits_stop =
      false;  ///< failed: it keeps what it has written until it is told to stop; then it says so
};

/// Operator supervisor to job supervisor: an instance has begun a life.
struct life_message {
  std::uint32_t node = 0;
  std::uint32_t instance = 0;
  std::uint32_t incarnation = 1;
  caf::actor handle;
};

/// Operator supervisor to itself: the back-off is over.
struct restart_message {
  std::uint32_t instance = 0;
};

/// To the job supervisor: answered with the life_message of that instance.
struct find_message {
  std::uint32_t node = 0;
  std::uint32_t instance = 0;
};

/// To the job supervisor: a savepoint is wanted.
struct savepoint_message {
  bool suspends = false;  ///< and the job ends behind it
};

/// Job supervisor to itself: time for a snapshot may have come.
struct snapshot_time_message {};

}  // namespace weir::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::wake_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::own_snapshot_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::snapshot_wanted_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::start_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::continue_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::drain_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::stop_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::inspect_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::report_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::ask_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::answer_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::capture_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::captured_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::exit_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::life_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::restart_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::find_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::snapshot_time_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::savepoint_message)

#pragma once
/// Every message between the actors of a process. They never leave it, so they are plain structs.

#include "operators/frame.hpp"
#include <weir/error.hpp>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::actors {

struct wiring;

/// Producer to consumer: one frame.
struct data_message {
  frame content;
};

/// Consumer to producer: credit for the producer's channel of that number.
struct credit_message {
  std::uint32_t channel = 0;
  std::uint64_t bytes = 0;
};

/// Operator supervisor to instance: your channels; begin.
struct start_message {
  std::shared_ptr<const wiring> channels;
};

/// Instance to itself: go on.
struct continue_message {
  bool by_timer = false;  ///< sent by the clock, beside the one that is sent between two turns
};

/// Supervisor to source: read no further and end.
struct drain_message {};

/// Supervisor to instance: end now; nothing becomes final.
struct stop_message {};

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
  std::shared_ptr<const std::vector<std::uint64_t>> words;  ///< null: no handler for the question
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
  std::string record;  ///< decoded; the one whose handling failed
  report_message last_report;
};

/// Operator supervisor to job supervisor: my instances, by number.
struct instances_message {
  std::uint32_t node = 0;
  std::vector<caf::actor> instances;
};

}  // namespace weir::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::data_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::credit_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::start_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::continue_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::drain_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::stop_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::inspect_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::report_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::ask_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::answer_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::exit_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::instances_message)

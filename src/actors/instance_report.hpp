#pragma once
/// Answers of an instance as flat Cap'n Proto messages.

#include "actors/instance_body.hpp"
#include "actors/messages.hpp"
#include "actors/wiring.hpp"
#include "operators/instance_state.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace weir::actors {

/// Where an instance's life went, microseconds.
struct spent_times {
  std::uint64_t busy_us = 0;
  std::uint64_t idle_us = 0;
  std::uint64_t blocked_us = 0;
};

/// What a report is made from; the pointers may be null before the instance has started.
struct report_parts {
  const instance_identity& identity;
  instance_state state;
  spent_times spent;
  const instance_body* body;
  const input_gate* gate;
  const output_ports* ports;
  const std::vector<peer>& senders;
  const std::vector<peer>& receivers;
  std::uint64_t epoch;  ///< of the last own snapshot
};

using shared_words = std::shared_ptr<const std::vector<std::uint64_t>>;

/// A wire::InstanceReport.
[[nodiscard]] shared_words make_report(const report_parts& parts);

/// Puts a question to a behavior. Null if it has no handler for it.
[[nodiscard]] shared_words answer_question(instance_body& body, const ask_message& question);

/// Words of a flat message made inside this process, as Cap'n Proto takes them.
[[nodiscard]] kj::ArrayPtr<const capnp::word> as_words(const shared_words& words);

/// A message as shared words.
[[nodiscard]] shared_words flatten(capnp::MessageBuilder& message);

}  // namespace weir::actors

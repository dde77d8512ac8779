#pragma once
/// Reports of a job, written down.

#include "schemas/control.capnp.h"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir::test {

using shared_words = std::shared_ptr<const std::vector<std::uint64_t>>;
using describe_instance = std::function<void(wire::InstanceReport::Builder)>;

inline shared_words flat(capnp::MessageBuilder& message) {
  const auto words = capnp::messageToFlatArray(message);
  auto copy = std::make_shared<std::vector<std::uint64_t>>(words.size());
  std::memcpy(copy->data(), words.begin(), words.size() * sizeof(capnp::word));
  return copy;
}

/// A flat wire::JobReport.
inline shared_words job_report(const std::string& job, const std::vector<describe_instance>& instances) {
  capnp::MallocMessageBuilder message;
  auto report = message.initRoot<wire::JobReport>();
  report.setJob(job);
  auto list = report.initInstances(static_cast<capnp::uint>(instances.size()));
  for (std::size_t i = 0; i < instances.size(); ++i) instances[i](list[static_cast<capnp::uint>(i)]);
  return flat(message);
}

/// A flat wire::InstanceReport.
inline shared_words instance_report(const describe_instance& describe) {
  capnp::MallocMessageBuilder message;
  describe(message.initRoot<wire::InstanceReport>());
  return flat(message);
}

struct instance_facts {
  std::string name;  ///< `storms/3`
  wire::Role role = wire::Role::TRANSFORM;
  std::uint64_t records_in = 0;
  std::uint64_t records_out = 0;
  std::uint64_t busy_us = 0;
  std::uint64_t idle_us = 0;
  std::uint64_t blocked_us = 0;
  std::int64_t watermark_us = 0;
  double progress = -1;
  std::string state = "running";
  std::string blocked_on{};
  std::vector<std::string> receivers{};
};

inline describe_instance described(instance_facts facts) {
  return [facts = std::move(facts)](wire::InstanceReport::Builder report) {
    const auto slash = facts.name.rfind('/');
    report.setOperator(facts.name.substr(0, slash));
    report.setInstance(static_cast<std::uint32_t>(std::stoul(facts.name.substr(slash + 1))));
    report.setIncarnation(1);
    report.setRole(facts.role);
    report.setState(facts.state);
    report.setRecordsIn(facts.records_in);
    report.setRecordsOut(facts.records_out);
    report.setBusyMicros(facts.busy_us);
    report.setIdleMicros(facts.idle_us);
    report.setBlockedMicros(facts.blocked_us);
    report.setWatermark(facts.watermark_us);
    report.setProgress(facts.progress);
    report.setBlockedOn(facts.blocked_on);
    auto outputs = report.initOutputs(static_cast<capnp::uint>(facts.receivers.size()));
    for (std::size_t i = 0; i < facts.receivers.size(); ++i)
      outputs[static_cast<capnp::uint>(i)].setPeer(facts.receivers[i]);
  };
}

}  // namespace weir::test

/// Capsules that are asked for while a job runs on real threads, and those of questions that kill.

#include "core/log.hpp"
#include "supervision/running_job.hpp"
#include "support/capsule_box.hpp"
#include "support/records.capnp.h"
#include <weir/behavior.hpp>
#include <weir/job.hpp>
#include <weir/state.hpp>
#include <weir/testing/memory.hpp>

#include <capnp/serialize.h>
#include <catch2/catch.hpp>

#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::tests {
namespace {

using supervision::running_job;
using test::Answer;
using test::Question;
using test::Reading;

struct counts : keyed_behavior<std::int64_t, Reading, ask<Question, Answer>> {
  value<std::uint64_t> seen{*this, "seen"};
  void on(Reading::Reader) { seen.get() += 1; }
  void on(Question::Reader asked, Answer::Builder answer) {
    if (asked.getAdd() < 0) throw std::runtime_error{"no such answer behind a count"};
    answer.setCount(seen.value_or(0));
  }
};

job endless() {
  job work{"endless"};
  work.source("in", testing::generated<Reading>(~std::uint64_t{0},
                                                [](std::uint64_t n, Reading::Builder out) {
                                                  out.setValue(static_cast<std::int64_t>(n % 50));
                                                }))
      .key_by(&Reading::Reader::getValue)
      .spawn<counts>("counts", {.parallelism = 2})
      .sink("out", testing::collect<Reading>(std::make_shared<std::vector<int>>(), [](auto) { return 0; }));
  return work;
}

supervision::shared_words question(std::int64_t add) {
  capnp::MallocMessageBuilder message;
  message.initRoot<Question>().setAdd(add);
  const auto flat = capnp::messageToFlatArray(message);
  auto words = std::make_shared<std::vector<std::uint64_t>>(flat.size());
  std::memcpy(words->data(), flat.begin(), flat.size() * sizeof(capnp::word));
  return words;
}

}  // namespace

TEST_CASE("capturing: an instance that works, and one that a question kills") {
  log::configure(log::level::off, log::style::text);
  const auto work = endless();
  const auto box = std::make_shared<capsule_box>();
  supervision::run_settings settings;
  settings.snapshot_every = std::chrono::milliseconds{5};
  settings.capsules = box;
  settings.arguments = {{"name", "value"}};
  const auto running = running_job::start(std::make_shared<const graph>(work.plan()), settings).or_throw();
  std::size_t captured = 0;
  for (int tries = 0; tries < 200 && captured < 5; ++tries) {
    captured += running->capture("counts", static_cast<std::uint32_t>(tries % 2)).ok() ? 1 : 0;
    std::this_thread::sleep_for(std::chrono::milliseconds{3});
  }
  CHECK(captured == 5);
  CHECK(running->capture("counts", 2).failed().code == errc::not_found);
  CHECK(running->capture("nobody", 0).failed().code == errc::not_found);
  CHECK(running->capture("in", 0).failed().code == errc::unsupported);

  const std::string key(8, '\0');
  const auto type = record_type::of<Question>().id();
  CHECK(running->ask("counts", key, type, question(1)).ok());
  const auto died_of = running->ask("counts", key, type, question(-1)).failed();
  CHECK(died_of.code == errc::behavior_failed);
  CHECK_THAT(died_of.message, Catch::StartsWith("counts/") &&
                                  Catch::Contains("failed at the question: no such answer behind a count"));
  CHECK(running->ask("nobody", key, type, question(1)).failed().code == errc::not_found);
  const auto unknown = running->ask("counts", key, type + 1, question(1));
  if (unknown.failed().code != errc::timed_out)  // it may still be dead of the question before
    CHECK_THAT(unknown.failed().message, Catch::Contains("has no handler for this question"));
  std::vector<std::string> files;
  for (int tries = 0; tries < 200 && files.size() < 6; ++tries) {
    for (auto& one : box->take()) files.push_back(std::move(one));
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  running->stop();
  while (!running->wait_for(std::chrono::seconds{1})) continue;
  const auto too_late = running->ask("counts", key, type, question(1)).failed();
  CHECK(too_late.code == errc::not_found);
  CHECK(too_late.message == "job endless has ended: nobody answers any more");
  CHECK(running->capture("counts", 0).failed().message == too_late.message);
  CHECK_FALSE(running->take_savepoint(false));
  REQUIRE(files.size() == 6);
  std::size_t died = 0;
  for (const auto& file : files) {
    const auto of = capsule_of(file, "c").or_throw();
    CHECK(of.arguments == settings.arguments);
    CHECK(fault_of_replay(work.plan(), file) == "");
    if (!of.has_failed) continue;
    ++died;
    CHECK(of.why.message == "no such answer behind a count");
  }
  CHECK(died == 1);
}

}  // namespace weir::tests

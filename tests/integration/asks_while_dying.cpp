/// Questions that change what a behavior knows, put while its instances die: whatever was answered has happened, once.

#include "supervision/running_job.hpp"
#include "support/scripted_source.hpp"
#include "support/simulated.capnp.h"
#include <weir/behavior.hpp>
#include <weir/job.hpp>
#include <weir/key.hpp>
#include <weir/state.hpp>
#include <weir/testing/memory.hpp>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace weir::tests {
namespace {

using supervision::running_job;
using supervision::shared_words;

constexpr std::uint64_t records = 3'000;
constexpr std::uint64_t deadly_one_in = 40;
constexpr std::uint32_t keys = 7;

/// Ids at which somebody has died: each kills once.
struct deadly_ids {
  std::mutex mutex;
  std::set<std::uint64_t> met;

  [[nodiscard]] bool is_first(std::uint64_t id) {
    const std::lock_guard lock{mutex};
    return met.insert(id).second;
  }
};

/// Counts records and questions of a key; tells both at the end.
struct count_both : keyed_behavior<std::uint32_t, Tally, ask<Mark, Tally>> {
  explicit count_both(std::shared_ptr<deadly_ids> ids) : ids_{std::move(ids)} {}

  value<std::uint64_t> counted{*this, "counted"};
  value<std::uint64_t> questions{*this, "questions"};

  void on(Item::Reader in) {
    counted.get() += 1;
    set_timer("end", weir::event_time{duration{time_max_us - 1}});
    if (in.getId() % deadly_one_in == 0 && ids_->is_first(in.getId())) throw std::runtime_error{"bad luck"};
  }
  void on(Mark::Reader, Tally::Builder answer) {
    questions.get() += 1;
    set_timer("end", weir::event_time{duration{time_max_us - 1}});
    answer.setCount(*questions);
  }
  void on(timer) {
    emit<Tally>([&](Tally::Builder out) {
      out.setKey(key());
      out.setCount(questions ? *questions : 0);
      out.setTotal(static_cast<std::int64_t>(counted ? *counted : 0));
    });
  }

 private:
  std::shared_ptr<deadly_ids> ids_;
};

using row = std::tuple<std::uint32_t, std::uint64_t, std::int64_t>;

shared_words question() {
  capnp::MallocMessageBuilder message;
  message.initRoot<Mark>();
  const auto flat = capnp::messageToFlatArray(message);
  auto words = std::make_shared<std::vector<std::uint64_t>>(flat.size());
  std::memcpy(words->data(), flat.begin(), flat.size() * sizeof(std::uint64_t));
  return words;
}

}  // namespace

TEST_CASE("questions that are answered while instances die count once") {
  const auto ids = std::make_shared<deadly_ids>();
  const auto released = std::make_shared<std::atomic<std::uint64_t>>(0);
  const auto rows = std::make_shared<std::vector<row>>();
  reading_habits habits;
  habits.is_there = [released](std::uint64_t next) { return next < *released; };

  job work{"asked"};
  work.source("items", scripted<Item>(
                           records,
                           [](std::uint64_t n, Item::Builder out) {
                             out.setId(n);
                             out.setKey(static_cast<std::uint32_t>(n % keys));
                           },
                           habits))
      .key_by(&Item::Reader::getKey)
      .spawn<count_both>(
          "count",
          {.parallelism = 3, .restart = one_for_one{.max = 1'000'000, .backoff = 1ms, .backoff_max = 1ms}},
          ids)
      .sink("out", testing::collect<Tally>(rows, [](Tally::Reader in) {
              return row{in.getKey(), in.getCount(), in.getTotal()};
            }));
  supervision::run_settings settings;
  settings.threads = 2;
  settings.batches.records_max = 8;
  settings.snapshot_every = std::chrono::microseconds{3'000};
  const auto running =
      running_job::start(std::make_shared<const graph>(std::move(work.plan())), settings).or_throw();

  std::map<std::uint32_t, std::uint64_t> answered;
  std::uint64_t asked = 0;
  for (std::uint64_t step = 0; step <= records; step += 10) {
    *released = step + 10 >= records ? records + 1 : step;
    const auto key = static_cast<std::uint32_t>(step / 10 % keys);
    std::string buffer;
    const auto bytes = std::string{key_codec<std::uint32_t>::encode(key, buffer)};
    auto answer = running->ask("count", bytes, record_type::of<Mark>().id(), question());
    for (auto tries = 1; !answer.ok() && tries < 100;
         ++tries) {  // whoever was asked is dead, or died of something else
      std::this_thread::sleep_for(200us);
      answer = running->ask("count", bytes, record_type::of<Mark>().id(), question());
    }
    ++asked;
    if (!answer.ok()) continue;
    capnp::FlatArrayMessageReader message{
        kj::arrayPtr(reinterpret_cast<const capnp::word*>((*answer)->data()), (*answer)->size())};
    CHECK(message.getRoot<Tally>().getCount() == ++answered[key]);
  }
  const auto ended = running->wait_for(std::chrono::minutes{1});
  REQUIRE(ended);
  INFO(to_string(ended->why));
  REQUIRE(ended->how == supervision::job_end::finished);

  std::sort(rows->begin(), rows->end());
  std::vector<row> expected;
  for (std::uint32_t key = 0; key < keys; ++key)
    expected.emplace_back(key, answered[key], static_cast<std::int64_t>((records - key + keys - 1) / keys));
  CHECK(*rows == expected);
  CHECK(ids->met.size() == records / deadly_one_in);
  std::uint64_t all = 0;
  for (const auto& [key, count] : answered) all += count;
  CAPTURE(asked, all);
  CHECK(all > asked / 4);
}

}  // namespace weir::tests

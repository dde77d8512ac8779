/// What the reports of instances say about their keys.

#include "schemas/control.capnp.h"
#include "supervision/simulated_run.hpp"
#include "support/simulated.capnp.h"
#include <weir/testing/memory.hpp>
#include <weir/weir.hpp>

#include <capnp/serialize.h>
#include <catch2/catch.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using namespace weir;

namespace {

constexpr std::uint64_t records = 60'000;

/// Half of the items have key 7, a tenth key 8.
std::uint32_t key_of(std::uint64_t n) {
  const auto mixed = n * 0x9e37'79b9'7f4a'7c15U >> 40U;
  return mixed % 10 < 5 ? 7 : mixed % 10 == 5 ? 8 : 1'000 + static_cast<std::uint32_t>(mixed % 5'000);
}

template <class Key>
struct count_items : keyed_behavior<Key, Tally> {
  explicit count_items(std::uint64_t dies_at = 0) : dies_at_{dies_at} {}
  value<std::uint64_t> count{*this, "count"};
  void on(Item::Reader in) {
    if (dies_at_ != 0 && in.getId() == dies_at_) throw std::runtime_error{"this one"};
    count.get_or([] { return std::uint64_t{0}; }) += 1;
  }
  std::uint64_t dies_at_;
};

struct told_key {
  std::string key;
  double share = 0;
  double share_error = 0;
  std::uint64_t records = 0;
};
struct told_instance {
  std::uint64_t samples = 0;
  std::uint32_t incarnation = 0;
  std::uint64_t records_in = 0;
  std::vector<told_key> top;
};

/// The last reports of the instances that count, by number.
std::map<std::uint32_t, told_instance> reports_of(const job& work, std::int64_t snapshot_every_us = 0) {
  std::map<std::uint32_t, told_instance> told;
  supervision::simulation_settings settings;
  settings.snapshot_every_us = snapshot_every_us;
  settings.seams.on_leave = [&](const std::shared_ptr<const std::vector<std::uint64_t>>& words) {
    capnp::FlatArrayMessageReader reader{
        kj::arrayPtr(reinterpret_cast<const capnp::word*>(words->data()), words->size())};
    const auto report = reader.getRoot<wire::InstanceReport>();
    if (report.getOperator() != "count") {
      CHECK(report.getKeySamples() == 0);
      CHECK(report.getTopKeys().size() == 0);
      return;
    }
    auto& one = told[report.getInstance()];
    one = {report.getKeySamples(), report.getIncarnation(), report.getRecordsIn(), {}};
    for (const auto key : report.getTopKeys())
      one.top.push_back({key.getKey(), key.getShare(), key.getShareError(), key.getRecords()});
  };
  const auto outcome = supervision::simulate(work.plan(), std::move(settings));
  CHECK(!outcome.hung);
  CHECK(outcome.job.how == supervision::job_end::finished);
  return told;
}

template <class Key, class Getter>
job counting(Getter getter, std::uint32_t parallelism, std::uint64_t dies_at = 0) {
  job work{"job"};
  work.source("items", testing::generated<Item>(records,
                                                [](std::uint64_t n, Item::Builder out) {
                                                  out.setId(n);
                                                  out.setKey(key_of(n));
                                                  out.setText("key " + std::to_string(key_of(n)));
                                                }))
      .key_by(getter)
      .template spawn<count_items<Key>>("count", {.parallelism = parallelism}, dies_at)
      .sink("out",
            testing::collect<Tally>(std::make_shared<std::vector<int>>(), [](Tally::Reader) { return 0; }));
  return work;
}

}  // namespace

TEST_CASE("hot keys: the report of a keyed instance tells the hot one first, with its share") {
  const auto told = reports_of(counting<std::uint32_t>(&Item::Reader::getKey, 1)).at(0);
  CHECK(told.samples > records / 100);
  REQUIRE(told.top.size() >= 2);
  CHECK(told.top[0].key == "7");
  CHECK(told.top[1].key == "8");
  CHECK(told.top[0].share == Approx(0.5).margin(told.top[0].share_error));
  CHECK(told.top[1].share == Approx(0.1).margin(told.top[1].share_error));
  CHECK(told.top[0].share_error < 0.07);
  CHECK(static_cast<double>(told.top[0].records) == Approx(records * 0.5).epsilon(0.2));
}

TEST_CASE("hot keys: texts are shown as they are, tuples as JSON") {
  CHECK(reports_of(counting<std::string>(&Item::Reader::getText, 1)).at(0).top.at(0).key == "key 7");
  const auto both = [](Item::Reader in) { return std::tuple{in.getText(), in.getKey()}; };
  CHECK(reports_of(counting<std::tuple<std::string, std::uint32_t>>(both, 1)).at(0).top.at(0).key ==
        R"(["key 7",7])");
}

TEST_CASE("hot keys: only the instance that has the hot key tells it") {
  std::uint64_t first_in = 0;
  for (const auto& [number, told] : reports_of(counting<std::uint32_t>(&Item::Reader::getKey, 4)))
    for (const auto& one : told.top)
      if (one.key == "7") {
        ++first_in;
        CHECK(&one == &told.top.front());
        CHECK(one.share > 0.6);
      }
  CHECK(first_in == 1);
}

TEST_CASE("hot keys: an instance that was restarted counts anew") {
  const auto told =
      reports_of(counting<std::uint32_t>(&Item::Reader::getKey, 1, records / 2), 1'000'000).at(0);
  CHECK(told.incarnation > 1);
  REQUIRE(!told.top.empty());
  CHECK(told.top[0].key == "7");
  CHECK(told.top[0].share == Approx(0.5).margin(told.top[0].share_error));
  CHECK(told.samples < records / 64);  // its own records only, and those it went through again
}

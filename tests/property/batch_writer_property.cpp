// Random records, discards, oversized ones and seals against a plain vector of what was committed.

#include "schemas/frame.capnp.h"
#include "support/records.capnp.h"
#include <weir/error.hpp>
#include <weir/runtime/batch_writer.hpp>
#include <weir/runtime/random.hpp>

#include <capnp/message.h>
#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

namespace {

using weir::test::Alarm;
using weir::test::OnlyPointers;

struct row {
  std::string text;
  std::vector<std::int32_t> numbers;
  std::vector<std::string> sensors;
  std::int64_t event_time_us = 0;
  std::int64_t watermark_us = 0;
};

row random_row(weir::random_sequence& random, std::size_t text_bytes_max) {
  row made;
  made.text.assign(random.below(text_bytes_max), static_cast<char>('a' + random.below(26)));
  made.numbers.resize(random.below(5));
  for (auto& number : made.numbers) number = static_cast<std::int32_t>(random());
  made.sensors.assign(random.below(3), "sensor " + std::to_string(random.below(100)));
  made.event_time_us = static_cast<std::int64_t>(random());
  made.watermark_us = static_cast<std::int64_t>(random());
  return made;
}

void fill(OnlyPointers::Builder out, const row& from) {
  if (!from.text.empty()) out.setText(from.text);
  auto numbers = out.initNumbers(static_cast<capnp::uint>(from.numbers.size()));
  for (capnp::uint i = 0; i < numbers.size(); ++i) numbers.set(i, from.numbers[i]);
  auto alarms = out.initAlarms(static_cast<capnp::uint>(from.sensors.size()));
  for (capnp::uint i = 0; i < alarms.size(); ++i) alarms[i].setSensor(from.sensors[i]);
}

void check(OnlyPointers::Reader found, const row& expected) {
  REQUIRE(std::string{found.getText().cStr()} == expected.text);
  REQUIRE(found.getNumbers().size() == expected.numbers.size());
  for (capnp::uint i = 0; i < found.getNumbers().size(); ++i)
    REQUIRE(found.getNumbers()[i] == expected.numbers[i]);
  REQUIRE(found.getAlarms().size() == expected.sensors.size());
  for (capnp::uint i = 0; i < found.getAlarms().size(); ++i)
    REQUIRE(std::string{found.getAlarms()[i].getSensor().cStr()} == expected.sensors[i]);
}

/// As the runtime reads it, and as a reader that checks every bound.
void check(const weir::batch& sealed, const std::vector<row>& expected) {
  REQUIRE(sealed.size() == expected.size());
  const kj::ArrayPtr<const capnp::word> segments[] = {{sealed.words().data(), sealed.words().size()}};
  capnp::SegmentArrayMessageReader message{kj::arrayPtr(segments, 1)};
  const auto root = message.getRoot<weir::wire::Batch>();
  const auto checked = root.getRecords().getAs<capnp::List<OnlyPointers>>();
  REQUIRE(checked.size() == expected.size());
  REQUIRE(root.getEventTimes().size() == expected.size());
  for (std::uint32_t i = 0; i < expected.size(); ++i) {
    check(sealed.records<OnlyPointers>()[i], expected[i]);
    check(checked[i], expected[i]);
    REQUIRE(sealed.event_times()[i] == expected[i].event_time_us);
    REQUIRE(sealed.watermarks()[i] == expected[i].watermark_us);
  }
}

void run(std::uint64_t seed, const std::shared_ptr<weir::buffer_pool>& memory) {
  weir::random_sequence random{seed};
  const weir::batch_limits limits{.records_max = static_cast<std::uint32_t>(1 + random.below(40)),
                                  .bytes_max = 256 + random.below(20'000),
                                  .record_bytes_max = 2'000};
  const std::size_t text_bytes_max = random.chance(1, 3) ? 3'000 : 30;
  weir::batch_writer writer{weir::record_type::of<OnlyPointers>(), limits, {}, memory};
  std::vector<row> open;
  std::vector<std::pair<weir::batch_ptr, std::vector<row>>> sealed;
  const auto seal = [&] { sealed.emplace_back(writer.seal(), std::exchange(open, {})); };
  for (int step = 0; step < 200; ++step) {
    const auto made = random_row(random, text_bytes_max);
    fill(writer.append().as<OnlyPointers>(), made);
    if (random.chance(1, 10)) {
      writer.discard();
    } else {
      try {
        writer.commit(made.event_time_us, made.watermark_us);
        open.push_back(made);
        REQUIRE(made.text.size() <= limits.record_bytes_max);
      } catch (const weir::failure& failed) {
        REQUIRE(failed.what_failed().code == weir::errc::record_too_large);
        REQUIRE(made.text.size() > limits.record_bytes_max / 2);
      }
    }
    REQUIRE(writer.size() == open.size());
    REQUIRE(writer.size() <= limits.records_max);
    if (writer.full() || (!open.empty() && random.chance(1, 20))) seal();
    if (random.chance(1, 30)) sealed.clear();
  }
  if (!open.empty()) seal();
  for (const auto& [batch, rows] : sealed) check(*batch, rows);
}

}  // namespace

TEST_CASE("batch_writer: equals its model") {
  const auto memory = std::make_shared<weir::buffer_pool>(std::size_t{1} << 20U);
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    run(seed, memory);
    REQUIRE(memory->idle_bytes() <= std::size_t{1} << 20U);
  }
}

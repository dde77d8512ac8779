#include "schemas/frame.capnp.h"
#include "support/records.capnp.h"
#include <weir/error.hpp>
#include <weir/runtime/batch_writer.hpp>

#include <capnp/message.h>
#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

using weir::test::Alarm;
using weir::test::Nothing;
using weir::test::OnlyData;
using weir::test::OnlyPointers;
using weir::test::Reading;

namespace {

struct fixture {
  std::shared_ptr<weir::buffer_pool> memory = std::make_shared<weir::buffer_pool>();

  template <weir::record T>
  weir::batch_writer writer(weir::batch_limits limits = {}, bool event_time = true) {
    return {weir::record_type::of<T>(), limits, weir::batch_writer::columns{event_time}, memory};
  }
};

void add_reading(weir::batch_writer& writer, const std::string& sensor, std::int64_t value,
                 const std::string& note = {}) {
  auto reading = writer.append().as<Reading>();
  reading.setSensor(sensor);
  reading.setValue(value);
  if (!note.empty()) reading.setNote(note);
  writer.commit(value * 10, value * 10 - 1);
}

/// The batch as a reader sees it that trusts nothing: bounds and pointers are checked on the way.
template <weir::record T>
std::vector<std::string> checked_texts(const weir::batch& sealed) {
  const auto words = sealed.words();
  const kj::ArrayPtr<const capnp::word> segments[] = {{words.data(), words.size()}};
  capnp::SegmentArrayMessageReader message{kj::arrayPtr(segments, 1)};
  const auto root = message.getRoot<weir::wire::Batch>();
  std::vector<std::string> texts;
  for (const auto one : root.getRecords().getAs<capnp::List<T>>())
    texts.push_back(weir::to_text(one, sealed.type()));
  REQUIRE(texts.size() == root.getCount());
  return texts;
}

template <weir::record T>
std::vector<std::string> texts(const weir::batch& sealed) {
  std::vector<std::string> found;
  for (const auto one : sealed.records<T>()) found.push_back(weir::to_text(one, sealed.type()));
  return found;
}

}  // namespace

TEST_CASE("batch_writer: a sealed batch holds the records, their times and their type") {
  fixture f;
  auto writer = f.writer<Reading>();
  add_reading(writer, "boiler", 1);
  add_reading(writer, "attic", 2, "open window");
  CHECK(writer.size() == 2);
  const auto sealed = writer.seal();
  CHECK(writer.size() == 0);

  REQUIRE(sealed->size() == 2);
  CHECK(sealed->type() == weir::record_type::of<Reading>());
  CHECK(sealed->type().name() == "Reading");
  CHECK(sealed->records<Reading>().size() == 2);
  CHECK(sealed->records<Reading>()[1].getNote() == "open window");
  CHECK(sealed->event_times()[1] == 20);
  CHECK(sealed->watermarks()[1] == 19);
  CHECK(checked_texts<Reading>(*sealed) == texts<Reading>(*sealed));
  CHECK(sealed->any_records().size() == 2);
}

TEST_CASE("batch_writer: batches grow while they fill up and shrink when they stay nearly empty") {
  fixture f;
  auto writer = f.writer<OnlyData>({.records_max = 64});
  const auto filled = [&] {
    while (!writer.full()) {
      writer.append();
      writer.commit(0, 0);
    }
    return writer.seal()->size();
  };
  CHECK(filled() == 8);
  CHECK(filled() == 16);
  CHECK(filled() == 32);
  CHECK(filled() == 64);
  CHECK(filled() == 64);
  const auto sealed_with_one = [&] {
    writer.append();
    writer.commit(0, 0);
    static_cast<void>(writer.seal());
  };
  sealed_with_one();
  sealed_with_one();
  CHECK(filled() == 16);
}

TEST_CASE("batch_writer: bytes close a batch, and the record that passes the limit still belongs") {
  fixture f;
  auto writer = f.writer<Reading>({.records_max = 1024, .bytes_max = 16'384});
  const std::string note(1'000, 'x');
  for (int round = 0; round < 20; ++round) {
    while (!writer.full()) add_reading(writer, "s", 1, note);
    const auto sealed = writer.seal();
    CHECK(sealed->size() >= 1);
    CHECK(sealed->bytes() <= 16'384 + 2'048);
    if (round > 5) CHECK(sealed->size() >= 10);
  }
}

TEST_CASE("batch_writer: records with large bodies do not make batches of one") {
  fixture f;
  auto writer = f.writer<Reading>({.records_max = 1024, .bytes_max = 8'192});
  std::vector<std::uint32_t> sizes;
  for (int round = 0; round < 20; ++round) {
    while (!writer.full()) add_reading(writer, "", 1);
    sizes.push_back(writer.seal()->size());
  }
  for (std::size_t round = 8; round < sizes.size(); ++round) CHECK(sizes[round] > 50);
}

TEST_CASE("batch_writer: a record beyond the first segment moves the batch into one segment when sealed") {
  fixture f;
  auto writer = f.writer<Reading>();
  const std::string note(100'000, 'n');
  add_reading(writer, "small", 1);
  add_reading(writer, "large", 2, note);
  CHECK(writer.full());
  const auto sealed = writer.seal();
  REQUIRE(sealed->size() == 2);
  CHECK(sealed->records<Reading>()[0].getSensor() == "small");
  CHECK(sealed->records<Reading>()[1].getNote().size() == note.size());
  CHECK(sealed->event_times()[0] == 10);
  CHECK(sealed->event_times()[1] == 20);
  CHECK(checked_texts<Reading>(*sealed) == texts<Reading>(*sealed));
}

TEST_CASE("batch_writer: an oversized record is an error, and leaves nothing behind") {
  fixture f;
  auto writer = f.writer<Reading>({.record_bytes_max = 4'096});
  add_reading(writer, "before", 1);
  auto large = writer.append().as<Reading>();
  large.setSensor("too large");
  large.setNote(std::string(5'000, 'x'));
  try {
    writer.commit(1, 1);
    FAIL("an oversized record was committed");
  } catch (const weir::failure& failed) {
    CHECK(failed.what_failed().code == weir::errc::record_too_large);
    CHECK_THAT(failed.what(), Catch::Contains("Reading") && Catch::Contains("4096"));
  }
  CHECK_FALSE(writer.has_open_record());
  CHECK(writer.size() == 1);
  if (!writer.full()) add_reading(writer, "after", 2);
  const auto sealed = writer.seal();
  CHECK(sealed->records<Reading>()[0].getSensor() == "before");
  if (sealed->size() == 2) CHECK(sealed->records<Reading>()[1].getSensor() == "after");
  add_reading(writer, "small", 3);
  CHECK(writer.seal()->size() == 1);
}

TEST_CASE("batch_writer: a discarded record leaves a zeroed place") {
  fixture f;
  auto writer = f.writer<Reading>();
  add_reading(writer, "kept", 1);
  auto discarded = writer.append().as<Reading>();
  discarded.setSensor("discarded");
  discarded.setValue(7);
  writer.discard();
  CHECK(writer.size() == 1);
  const auto next = writer.append().as<Reading>().asReader();
  CHECK(next.getSensor().size() == 0);
  CHECK(next.getValue() == 0);
  writer.commit(5, 5);
  const auto sealed = writer.seal();
  REQUIRE(sealed->size() == 2);
  CHECK(checked_texts<Reading>(*sealed) == texts<Reading>(*sealed));
}

TEST_CASE("batch_writer: discarding for ever needs no memory") {
  fixture f;
  auto writer = f.writer<Reading>({.bytes_max = 65'536});
  const std::string note(3'000, 'x');
  for (int i = 0; i < 10'000; ++i) {
    writer.append().as<Reading>().setNote(note);
    writer.discard();
    REQUIRE_FALSE(writer.full());
  }
  CHECK(f.memory->idle_bytes() < 1'000'000);
  add_reading(writer, "kept", 1);
  CHECK(writer.seal()->bytes() < 262'144);
}

TEST_CASE("batch_writer: records of any shape") {
  fixture f;
  SECTION("no fields") {
    auto writer = f.writer<Nothing>();
    for (int i = 0; i < 3; ++i) {
      writer.append();
      writer.commit(i, i);
    }
    const auto sealed = writer.seal();
    CHECK(sealed->size() == 3);
    CHECK(sealed->records<Nothing>().size() == 3);
    CHECK(sealed->event_times()[2] == 2);
    CHECK(checked_texts<Nothing>(*sealed) == std::vector<std::string>(3, "()"));
  }
  SECTION("only data") {
    auto writer = f.writer<OnlyData>();
    for (int i = 0; i < 8; ++i) {
      auto one = writer.append().as<OnlyData>();
      one.setNumber(i);
      one.setFlag(i % 2 == 1);
      writer.commit(i, i);
    }
    CHECK(writer.full());
    const auto sealed = writer.seal();
    CHECK(checked_texts<OnlyData>(*sealed)[7] == "(number = 7, flag = true)");
  }
  SECTION("only pointers") {
    auto writer = f.writer<OnlyPointers>();
    for (int i = 0; i < 5; ++i) {
      auto one = writer.append().as<OnlyPointers>();
      one.setText("t" + std::to_string(i));
      one.initNumbers(2).set(1, i);
      one.initAlarms(1)[0].setSensor("inner");
      writer.commit(i, i);
    }
    const auto sealed = writer.seal();
    CHECK(checked_texts<OnlyPointers>(*sealed)[4] ==
          "(text = \"t4\", numbers = [0, 4], alarms = [(sensor = \"inner\", count = 0, last = 0)])");
  }
  SECTION("without event times") {
    auto writer = f.writer<OnlyData>({}, false);
    writer.append();
    writer.commit(7, 7);
    const auto sealed = writer.seal();
    CHECK(sealed->event_times() == nullptr);
    CHECK(sealed->watermarks() == nullptr);
    CHECK(sealed->size() == 1);
  }
}

TEST_CASE("batch_writer: times can be set behind the commit, records read before the seal") {
  fixture f;
  auto writer = f.writer<Reading>();
  add_reading(writer, "a", 1);
  add_reading(writer, "b", 2);
  CHECK(writer.record(1).as<Reading>().getSensor() == "b");
  writer.set_times(0, 1'000, 999);
  writer.set_times(1, 2'000, 1'999);
  const auto sealed = writer.seal();
  CHECK(sealed->event_times()[0] == 1'000);
  CHECK(sealed->watermarks()[1] == 1'999);
}

TEST_CASE("batch_writer: recycled memory is zeroed memory") {
  fixture f;
  auto writer = f.writer<Reading>({.records_max = 8});
  for (int round = 0; round < 3; ++round) {
    while (!writer.full()) add_reading(writer, "sensor with a name", -1, "note");
    static_cast<void>(writer.seal());
  }
  auto fresh = f.writer<OnlyPointers>({.records_max = 8});
  for (int round = 0; round < 3; ++round) {
    while (!fresh.full()) {
      const auto one = fresh.append().as<OnlyPointers>().asReader();
      REQUIRE_FALSE(one.hasText());
      REQUIRE_FALSE(one.hasNumbers());
      fresh.commit(0, 0);
    }
    const auto sealed = fresh.seal();
    CHECK(checked_texts<OnlyPointers>(*sealed) == std::vector<std::string>(8, "()"));
  }
}

TEST_CASE("batch_writer: an abandoned batch gives its memory back") {
  fixture f;
  {
    auto writer = f.writer<Reading>();
    add_reading(writer, "never sealed", 1);
  }
  CHECK(f.memory->idle_bytes() > 0);
}

TEST_CASE("batch_view: selections and watermark limits") {
  fixture f;
  auto writer = f.writer<Reading>();
  for (int i = 0; i < 8; ++i) add_reading(writer, "s" + std::to_string(i), i);
  const weir::batch_view all{writer.seal()};
  CHECK(all.size() == 8);
  CHECK(all.index(5) == 5);
  CHECK(all.bytes() == all.content().bytes());
  CHECK(all.watermark_max_us() == weir::time_max_us);

  auto chosen = weir::make_counted<weir::selection>();
  chosen->indices = {1, 6};
  const auto some = all.with_watermark_limit(50).with_selection(weir::selection_ptr{chosen});
  CHECK(some.size() == 2);
  CHECK(some.index(1) == 6);
  CHECK(some.bytes() < all.bytes());
  CHECK(some.watermark_max_us() == 50);
  CHECK(some.with_watermark_limit(60).watermark_max_us() == 50);
  CHECK(&some.content() == &all.content());
}

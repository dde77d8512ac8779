#include "operators/record_image.hpp"

#include "support/records.capnp.h"
#include <weir/runtime/random.hpp>

#include <capnp/message.h>
#include <catch2/catch.hpp>

#include <cstring>
#include <string>

using weir::copy_image;
using weir::errc;
using weir::image_of;
using weir::record_type;
using weir::test::Reading;

namespace {

std::string bytes_of(std::int64_t value, const std::string& note) {
  capnp::MallocMessageBuilder message;
  auto reading = message.initRoot<Reading>();
  reading.setSensor("s1");
  reading.setValue(value);
  reading.setNote(note);
  return image_of(capnp::toAny(reading.asReader()), 1 << 16).bytes;
}

/// What copy_image() makes of the bytes.
struct copied {
  capnp::MallocMessageBuilder message;
  weir::result<void> outcome;

  explicit copied(std::string_view bytes)
      : outcome{copy_image(bytes, record_type::of<Reading>(), capnp::toAny(message.initRoot<Reading>()))} {}
  Reading::Reader record() { return message.getRoot<Reading>().asReader(); }
};

}  // namespace

TEST_CASE("record_image: a record comes back as it was") {
  copied made{bytes_of(-7, "a note")};
  REQUIRE(made.outcome.ok());
  CHECK(made.record().getSensor() == "s1");
  CHECK(made.record().getValue() == -7);
  CHECK(made.record().getNote() == "a note");
}

TEST_CASE("record_image: of a record that is too large only the size is told") {
  capnp::MallocMessageBuilder message;
  auto reading = message.initRoot<Reading>();
  reading.setNote(std::string(1'000, 'n'));
  const auto made = image_of(capnp::toAny(reading.asReader()), 1'000);
  CHECK(made.bytes.empty());
  CHECK(made.bytes_whole > 1'000);
  CHECK(image_of(capnp::toAny(reading.asReader()), made.bytes_whole).bytes.size() == made.bytes_whole);
}

TEST_CASE("record_image: damaged bytes are an error or a record, and never more") {
  const auto whole = bytes_of(123, "some text that is longer than a word");
  for (const auto bad : {std::size_t{0}, std::size_t{1}, std::size_t{7}, whole.size() - 1}) {
    copied made{std::string_view{whole}.substr(0, bad)};
    REQUIRE_FALSE(made.outcome.ok());
    CHECK(made.outcome.failed().code == errc::corrupt_input);
    CHECK_THAT(made.outcome.failed().message, Catch::Contains("Reading"));
  }
  for (std::size_t cut = 8; cut < whole.size(); cut += 8)
    (void)copied{std::string_view{whole}.substr(0, cut)};
  weir::random_sequence random{17};
  for (int trial = 0; trial < 20'000; ++trial) {
    auto damaged = whole;
    for (auto flips = random() % 4 + 1; flips > 0; --flips)
      damaged[random() % damaged.size()] ^= static_cast<char>(1U << random() % 8);
    copied made{damaged};
    if (!made.outcome.ok()) continue;
    // whatever it became, all of it can be read
    CHECK_NOTHROW(made.record().getSensor().size() + made.record().getNote().size());
  }
}

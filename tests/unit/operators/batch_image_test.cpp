#include "operators/batch_image.hpp"

#include "support/sample_capsule.hpp"
#include <weir/runtime/random.hpp>

#include <catch2/catch.hpp>
#include <kj/exception.h>

using namespace weir;
using test::Reading;
using tests::every_second;
using tests::readings;

namespace {

const auto pool = std::make_shared<buffer_pool>();

void check_equal(const batch_view& is, const batch_view& was) {
  REQUIRE(is.size() == was.size());
  for (std::uint32_t i = 0; i < is.size(); ++i) {
    const auto one = is.content().records<Reading>()[is.index(i)];
    const auto other = was.content().records<Reading>()[was.index(i)];
    CHECK(one.getSensor() == other.getSensor());
    CHECK(one.getValue() == other.getValue());
    CHECK(one.getNote() == other.getNote());
    CHECK(is.content().event_times()[is.index(i)] == was.content().event_times()[was.index(i)]);
    CHECK(is.content().watermarks()[is.index(i)] == was.content().watermarks()[was.index(i)]);
  }
}

}  // namespace

TEST_CASE("batch_image: a whole batch") {
  const auto was = readings(7);
  check_equal(view_of_image(image_of(was), record_type::of<Reading>(), pool).or_throw(), was);
}

TEST_CASE("batch_image: only what is selected, with its hashes") {
  const auto was = every_second(readings(8));
  const auto image = image_of(was);
  CHECK(image.size() < image_of(readings(8)).size());
  const auto is = view_of_image(image, record_type::of<Reading>(), pool).or_throw();
  check_equal(is, was);
  CHECK(is.content().size() == 4);
  CHECK(is.chosen()->hashes == was.chosen()->hashes);
}

TEST_CASE("batch_image: records without fields, and without times") {
  const auto type = record_type::of<test::Nothing>();
  batch_writer writer{type, {}, {.event_time = false}, pool};
  for (int i = 0; i < 3; ++i) {
    writer.append();
    writer.commit(0, 0);
  }
  const auto is = view_of_image(image_of(batch_view{writer.seal()}), type, pool).or_throw();
  CHECK(is.size() == 3);
  CHECK(is.content().event_times() == nullptr);
}

TEST_CASE("batch_image: of another type, cut, or of no whole words: an error") {
  const auto image = image_of(readings(5));
  const auto type = record_type::of<Reading>();
  CHECK(view_of_image(image, record_type::of<test::Alarm>(), pool).failed().code == errc::corrupt_input);
  for (std::size_t bytes = 0; bytes < image.size(); ++bytes) {
    const auto cut = view_of_image(std::string_view{image}.substr(0, bytes), type, pool);
    if (cut.ok()) check_equal(*cut, readings(5));  // what was cut off was padding
  }
}

TEST_CASE("batch_image: any bytes are an error or a batch that can be read") {
  const auto image = image_of(every_second(readings(9)));
  const auto type = record_type::of<Reading>();
  random_sequence random{3};
  std::size_t accepted = 0;
  std::size_t readable = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = image;
    for (auto left = 1 + random.below(3); left > 0; --left)
      damaged[random.below(damaged.size())] = static_cast<char>(random());
    const auto read = view_of_image(damaged, type, pool);
    if (!read.ok()) continue;
    ++accepted;
    std::size_t shown = 0;
    for (std::uint32_t i = 0; i < read->size(); ++i) {
      REQUIRE(read->index(i) < read->content().size());
      try {
        shown += to_text(read->content().any_records()[read->index(i)], type).size();
      } catch (const kj::Exception&) {  // a field that is not of its type: whoever reads it is told
      }
    }
    readable += shown > 0 ? 1 : 0;
  }
  CHECK(accepted > 0);
  CHECK(readable > 0);
}

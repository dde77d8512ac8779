/// The sources and sinks in memory of weir::testing.

#include "text_harness.hpp"
#include "unit/io/text_records.capnp.h"
#include <weir/testing/memory.hpp>

#include <array>
#include <memory>
#include <string>
#include <vector>

using text_records::OneText;
using weir::errc;

namespace {

using strings = std::vector<std::string>;

/// Stops behind a number of records.
class counting_appender final : public weir::record_appender {
 public:
  capnp::AnyStruct::Builder append() override { return to_.append(); }
  void commit() override {
    to_.commit();
    --left;
  }
  void discard() override { to_.discard(); }
  bool wants_more() const override { return left > 0; }
  weir::result<void> bad_record(errc, std::string_view, std::string_view, std::string_view) override {
    return {};
  }
  void count_input(std::uint64_t) override {}

  int left = 0;

 private:
  text_harness::collecting_appender to_{weir::record_type::of<OneText>()};
};

weir::batch_view batch_of(const strings& texts) {
  weir::batch_writer writer{weir::record_type::of<OneText>(), {}, {}, std::make_shared<weir::buffer_pool>()};
  for (const auto& text : texts) {
    writer.append().as<OneText>().setText(text.c_str());
    writer.commit(0, 0);
  }
  return weir::batch_view{writer.seal()};
}

weir::sink_part part(std::uint32_t instance, std::uint32_t parallelism, bool commits) {
  return {"job", "out", instance, parallelism, weir::record_type::of<OneText>(), commits};
}

struct collected {
  std::shared_ptr<strings> rows = std::make_shared<strings>();
  weir::sink_spec sink = weir::testing::collect<OneText>(
      rows, [](OneText::Reader in) { return std::string{in.getText().cStr()}; });

  [[nodiscard]] std::unique_ptr<weir::sink_writer> open(std::uint32_t i, std::uint32_t p,
                                                        bool commits) const {
    return sink.open(part(i, p, commits)).or_throw();
  }
};

}  // namespace

TEST_CASE("generated: goes on behind a bookmark, with the same parallelism") {
  std::vector<std::uint64_t> made;
  const auto source = weir::testing::generated<OneText>(
      10, [&made](std::uint64_t n, OneText::Builder) { made.push_back(n); });
  counting_appender out;
  const auto first = source.spec.open({"j", "o", 1, 2}).or_throw();
  out.left = 2;
  REQUIRE(first->read(out).ok());
  const auto other = source.spec.open({"j", "o", 0, 2}).or_throw();
  const std::array bookmarks{*other->bookmark(), *first->bookmark()};
  const auto second = source.spec.open({"j", "o", 1, 2}).or_throw();
  REQUIRE(second->resume(bookmarks).ok());
  out.left = 100;
  CHECK(second->read(out).or_throw() == weir::read_status::end);
  CHECK(made == std::vector<std::uint64_t>{1, 3, 5, 7, 9});
  const auto refused = source.spec.open({"j", "o", 0, 3}).or_throw()->resume(bookmarks);
  CHECK(refused.failed().code == errc::unsupported);
  CHECK_THAT(refused.failed().message, Catch::Contains("parallelism 2") && Catch::Contains("parallelism 3"));
  CHECK(second->resume(std::array<std::string, 1>{"x"}).failed().code == errc::corrupt_input);
}

TEST_CASE("collect: without commits rows are visible at once and are taken back") {
  const collected out;
  auto zero = out.open(0, 2, false);
  auto one = out.open(1, 2, false);
  CHECK(zero->is_exactly_once());
  REQUIRE(zero->write(batch_of({"a", "b"})).ok());
  REQUIRE(one->write(batch_of({"x"})).ok());
  CHECK(*out.rows == strings{"a", "b", "x"});
  const weir::prepared_output kept{1, zero->prepare(1).or_throw()};
  REQUIRE(zero->write(batch_of({"c"})).ok());
  REQUIRE(one->write(batch_of({"y"})).ok());
  zero = out.open(0, 2, false);
  REQUIRE(zero->recover(std::array{kept}).ok());
  CHECK(*out.rows == strings{"a", "b", "x", "y"});
  REQUIRE(zero->recover(std::array{kept}).ok());
  REQUIRE(zero->write(batch_of({"c"})).ok());
  CHECK(*out.rows == strings{"a", "b", "x", "y", "c"});
  REQUIRE(out.open(1, 2, false)->recover({}).ok());
  CHECK(*out.rows == strings{"a", "b", "c"});
  REQUIRE(out.open(0, 1, false)->recover(std::array{kept}).ok());
  CHECK(*out.rows == strings{"a", "b"});
}

TEST_CASE("collect: with commits rows are visible when they are committed") {
  const collected out;
  auto zero = out.open(0, 2, true);
  auto one = out.open(1, 2, true);
  REQUIRE(zero->write(batch_of({"a"})).ok());
  REQUIRE(one->write(batch_of({"x"})).ok());
  const weir::prepared_output first{1, zero->prepare(1).or_throw()};
  const weir::prepared_output other{1, one->prepare(1).or_throw()};
  REQUIRE(zero->write(batch_of({"b"})).ok());
  const weir::prepared_output second{2, zero->prepare(2).or_throw()};
  REQUIRE(zero->write(batch_of({"lost"})).ok());
  CHECK(out.rows->empty());
  zero = out.open(0, 2, true);
  REQUIRE(zero->recover(std::array{first}).ok());
  REQUIRE(zero->commit(second).ok());
  CHECK(out.rows->empty());
  REQUIRE(zero->commit(first).ok());
  REQUIRE(zero->commit(first).ok());
  CHECK(*out.rows == strings{"a"});
  auto only = out.open(0, 1, true);
  REQUIRE(only->recover(std::array{first, other}).ok());
  REQUIRE(only->commit(first).ok());
  REQUIRE(only->commit(other).ok());
  CHECK(*out.rows == strings{"a", "x"});
}

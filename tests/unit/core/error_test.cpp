#include <weir/error.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

struct row {
  std::string name;
  int number;
};

const std::vector<row> table{
#define WEIR_X(name, number, cls, text) {#name, number},
    WEIR_ERRORS(WEIR_X)
#undef WEIR_X
};

weir::result<int> half(int number) {
  if (number % 2 != 0) return weir::error{weir::errc::invalid_argument, std::to_string(number) + " is odd"};
  return number / 2;
}

}  // namespace

TEST_CASE("error: numbers and names are unique") {
  std::set<int> numbers;
  std::set<std::string> names;
  for (const auto& [name, number] : table) {
    CHECK(numbers.insert(number).second);
    CHECK(names.insert(name).second);
    CHECK(number >= 100);
  }
}

TEST_CASE("error: numbers are permanent") {
  CHECK(static_cast<int>(weir::errc::invalid_argument) == 100);
  CHECK(static_cast<int>(weir::errc::invalid_graph) == 101);
  CHECK(static_cast<int>(weir::errc::io_failed) == 200);
  CHECK(static_cast<int>(weir::errc::bad_record) == 300);
  CHECK(static_cast<int>(weir::errc::behavior_failed) == 400);
  CHECK(static_cast<int>(weir::errc::stopped) == 500);
}

TEST_CASE("error: a code knows its name, meaning and class") {
  CHECK(weir::name_of(weir::errc::disk_full) == "disk_full");
  CHECK_FALSE(weir::meaning_of(weir::errc::disk_full).empty());
  CHECK(weir::class_of(weir::errc::bad_record) == weir::error_class::drop_record);
  CHECK(weir::class_of(weir::errc::behavior_failed) == weir::error_class::restart);
  CHECK(weir::name_of(weir::errc{9}) == "unknown");
  CHECK(weir::class_of(weir::errc{9}) == weir::error_class::escalate);
  CHECK(weir::to_string({weir::errc::disk_full, "cannot write x"}) == "disk_full: cannot write x");
}

TEST_CASE("result: a value or the error that prevented it") {
  const auto good = half(8);
  REQUIRE(good.ok());
  CHECK(*good == 4);
  const auto bad = half(7);
  REQUIRE_FALSE(bad);
  CHECK(bad.failed().code == weir::errc::invalid_argument);
  CHECK(half(8).or_throw() == 4);
  CHECK_THROWS_AS(half(7).or_throw(), weir::failure);
  try {
    half(7).or_throw();
  } catch (const weir::failure& failed) {
    CHECK(std::string{failed.what()} == "7 is odd");
    CHECK(failed.what_failed().code == weir::errc::invalid_argument);
  }
}

TEST_CASE("result: moves what can only be moved, and may hold nothing") {
  weir::result<std::unique_ptr<int>> moved{std::make_unique<int>(3)};
  const auto taken = *std::move(moved);
  CHECK(*taken == 3);
  weir::result<void> nothing;
  CHECK(nothing.ok());
  nothing = weir::error{weir::errc::timed_out, "no answer"};
  CHECK_FALSE(nothing.ok());
}

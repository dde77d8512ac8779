#include <weir/arguments.hpp>
#include <weir/error.hpp>

#include <catch2/catch.hpp>

#include <chrono>

using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::Message;

namespace {

const weir::arguments given{
    {"input", "flights.csv"}, {"bound", "1h30m"}, {"year", "2015"}, {"share", "0.75"}};

template <class Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const weir::failure& thrown) {
    CHECK(thrown.what_failed().code == weir::errc::invalid_argument);
    return thrown.what();
  }
  return "not refused";
}

}  // namespace

TEST_CASE("arguments: texts, numbers and lengths of time") {
  CHECK(given["input"] == "flights.csv");
  CHECK(given.number("year") == 2015);
  CHECK(given.decimal("share") == 0.75);
  CHECK(given.duration("bound") == 90min);
}

TEST_CASE("arguments: an option that the job does not declare") {
  const auto text = refusal([] { return given["inptu"]; });
  CHECK_THAT(text, Contains("--inptu") && Contains("add {\"inptu\"") && Contains("did you mean --input?"));
}

TEST_CASE("arguments: a refusal names option, value and what it takes") {
  CHECK(refusal([] { return given.duration("input"); }) ==
        "option --input: 'flights.csv' is not a length of time such as 500ms, 60s, 15m, 6h, 1d or 1h30m");
  CHECK(refusal([] { return given.number("bound"); }) == "option --bound: '1h30m' is not a whole number");
  CHECK(refusal([] { return given.number("year", 1, 99); }) ==
        "option --year: 2015 is out of range: it must be from 1 to 99");
}

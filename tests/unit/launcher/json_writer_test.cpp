#include "launcher/json_writer.hpp"

#include <catch2/catch.hpp>

#include <limits>

TEST_CASE("json writer: nesting, commas and numbers") {
  weir::launcher::json_writer out;
  out.begin_object().member("a\"b", "line\nend").member("n", std::uint64_t{18446744073709551615U});
  out.key("list").begin_array().value(0.5).value(2.0).value(1e-9).value(1e300).value(
      std::numeric_limits<double>::quiet_NaN());
  out.begin_object().end_object().begin_array().end_array().end_array().member("z", "").end_object();
  const auto text = out.text();
  CHECK(text.substr(0, 80) ==
        R"({"a\"b":"line\nend","n":18446744073709551615,"list":[0.5,2,0,1000000000000000052)");
  CHECK(text.ends_with(R"(,null,{},[]],"z":""})"));
}

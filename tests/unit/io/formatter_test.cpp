#include "io/formats/json_text.hpp"
#include "text_harness.hpp"
#include "unit/io/text_records.capnp.h"

#include <cmath>
#include <limits>
#include <random>
#include <string>

using text_harness::text_of;
using weir::record_type;
using weir::io::make_csv_formatter;
using weir::io::make_json_formatter;

namespace {

template <weir::record T, class Fill>
std::string json_of(Fill&& fill) {
  return text_of<T>(make_json_formatter(record_type::of<T>()), fill);
}

template <weir::record T, class Fill>
std::string csv_of(Fill&& fill) {
  return text_of<T>(make_csv_formatter(record_type::of<T>()), fill);
}

std::string one_text_json(std::string_view text) {
  return json_of<text_records::OneText>([&](auto out) {
    out.setText(capnp::Text::Reader{std::string{text}.c_str(), text.size()});
  });
}

std::string one_text_csv(std::string_view text) {
  return csv_of<text_records::OneText>([&](auto out) {
    out.setText(capnp::Text::Reader{std::string{text}.c_str(), text.size()});
  });
}

std::string json_string(std::string_view text) {
  weir::io::text_buffer out;
  weir::io::append_json_string(out, text);
  return std::string{out.view()};
}

}  // namespace

TEST_CASE("json_formatter: text is escaped, UTF-8 stays") {
  CHECK(one_text_json("plain") == R"({"text":"plain"})");
  CHECK(one_text_json("\"\\\b\f\n\r\t") == R"({"text":"\"\\\b\f\n\r\t"})");
  CHECK(one_text_json(std::string_view{"\0\x01\x1f\x7f", 4}) == "{\"text\":\"\\u0000\\u0001\\u001f\x7f\"}");
  CHECK(one_text_json("grüße 😀") == R"({"text":"grüße 😀"})");
  CHECK(one_text_json("") == R"({"text":""})");
  CHECK(json_string(std::string(10'000, '"')) == "\"" + [] {
    std::string all;
    for (int i = 0; i < 10'000; ++i) all += "\\\"";
    return all;
  }() + "\"");
}

TEST_CASE("json_formatter: an escape at every place of a text") {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '\n';
      std::string expected(size - 1, 'x');
      expected.insert(at, "\\n");
      REQUIRE(json_string(text) == "\"" + expected + "\"");
    }
  }
}

TEST_CASE("json_formatter: text that is no UTF-8 is repaired") {
  CHECK(one_text_json("a\xff"
                      "b\xc3") ==
        "{\"text\":\"a\xef\xbf\xbd"
        "b\xef\xbf\xbd\"}");
  weir::batch_writer writer{
      record_type::of<text_records::OneText>(), {}, {}, std::make_shared<weir::buffer_pool>()};
  for (const char* text : {"good",
                           "b\xff"
                           "d"}) {
    writer.append().as<text_records::OneText>().setText(text);
    writer.commit(0, 0);
  }
  weir::io::text_buffer out;
  out.append("before ");
  make_json_formatter(record_type::of<text_records::OneText>())
      .or_throw()
      ->append(weir::batch_view{writer.seal()}, out);
  CHECK(out.view() ==
        "before {\"text\":\"good\"}\n{\"text\":\"b\xef\xbf\xbd"
        "d\"}\n");
}

TEST_CASE("json_formatter: numbers in their shortest form") {
  const auto flat = json_of<text_records::Flat>([](text_records::Flat::Builder out) {
    out.setLarge(std::numeric_limits<std::int64_t>::min());
    out.setUlarge(std::numeric_limits<std::uint64_t>::max());
    out.setSingle(0.1F);
    out.setDouble(0.1);
    out.setUnsignedMillis(std::numeric_limits<std::uint64_t>::max());
    out.setColour(static_cast<text_records::Colour>(99));
  });
  CHECK_THAT(flat, Catch::Contains(R"("large":-9223372036854775808,)") &&
                       Catch::Contains(R"("ularge":18446744073709551615,)") &&
                       Catch::Contains(R"("single":0.1,"double":0.1,"colour":99,)") &&
                       Catch::Contains(R"("unsignedMillis":18446744073709551615,)"));
  const auto double_of = [](double value) {
    return json_of<text_records::Point>([&](auto out) { out.setLatitude(value); });
  };
  CHECK(double_of(1e21) == R"({"latitude":1e+21,"longitude":0})");
  CHECK(double_of(-0.0) == R"({"latitude":-0,"longitude":0})");
  CHECK(double_of(std::nan("")) == R"({"latitude":null,"longitude":0})");
  CHECK(double_of(-std::numeric_limits<double>::infinity()) == R"({"latitude":null,"longitude":0})");
}

TEST_CASE("json_formatter: of a union only the active member") {
  using text_records::Shape;
  CHECK(json_of<Shape>([](Shape::Builder out) {
          out.setName("a");
          out.setRadius(2);
        }) == R"({"name":"a","radius":2})");
  CHECK(json_of<Shape>([](Shape::Builder out) { out.initBox().setHeight(3); }) ==
        R"({"name":"","box":{"width":0,"height":3}})");
  CHECK(json_of<Shape>([](Shape::Builder out) { out.setNothing(); }) == R"({"name":"","nothing":null})");
}

TEST_CASE("formatters: a record of an older schema has the newer fields' defaults") {
  capnp::MallocMessageBuilder message;
  auto old = message.initRoot<text_records::Flight>();
  old.setDelay(5);
  const capnp::AnyStruct::Reader record{old.asReader()};
  weir::io::text_buffer out;
  make_json_formatter(record_type::of<text_records::Newer>()).or_throw()->append(record, out);
  CHECK(out.view() ==
        R"({"date":0,"delay":5,"distance":0,"origin":"","destination":"","carrier":"none","tail":77})");
  out.clear();
  make_csv_formatter(record_type::of<text_records::Newer>()).or_throw()->append(record, out);
  CHECK(out.view() == "0,5,0,,,none,77");
}

TEST_CASE("csv_formatter: header and quotes") {
  weir::io::text_buffer out;
  make_csv_formatter(record_type::of<text_records::Flight>()).or_throw()->append_header(out);
  CHECK(out.view() == "date,delay,distance,origin,destination\n");
  CHECK(one_text_csv("plain") == "plain");
  CHECK(one_text_csv("a,b") == "\"a,b\"");
  CHECK(one_text_csv("say \"yes\"") == R"("say ""yes""")");
  CHECK(one_text_csv("two\nlines") == "\"two\nlines\"");
  CHECK(one_text_csv("return\r") == "\"return\r\"");
  CHECK(one_text_csv("") == "\"\"");
  CHECK_FALSE(make_csv_formatter(record_type::of<text_records::Nested>()).ok());
  CHECK_FALSE(make_json_formatter(record_type::of<text_records::WithAny>()).ok());
}

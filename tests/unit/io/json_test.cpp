#include "io/formats/json_cursor.hpp"
#include "text_harness.hpp"
#include "unit/io/text_records.capnp.h"

#include <random>
#include <string>

using text_harness::read_text;
using weir::errc;

namespace {

const auto flights = weir::json_lines<text_records::Flight>().format;
const auto nested = weir::json_lines<text_records::Nested>().format;

std::string flight_of(std::string_view line) {
  const auto done = read_text(line, flights);
  CHECK(done.letters.empty());
  if (!done.letters.empty()) return done.letters[0].reason;
  return done.json();
}

std::string reason_of(std::string_view line, const weir::line_format& format = flights) {
  const auto done = read_text(line, format);
  INFO(line);
  REQUIRE(done.letters.size() == 1);
  CHECK(done.letters[0].code == errc::bad_record);
  CHECK(done.letters[0].content == line);
  CHECK_THAT(done.letters[0].position, Catch::EndsWith("/input:1"));
  CHECK(done.records() == 0);
  return done.letters[0].reason;
}

/// A record of Nested with only these fields given.
std::string nested_of(std::string_view line) {
  const auto done = read_text(line, nested);
  INFO((done.letters.empty() ? "" : done.letters[0].reason));
  CHECK(done.letters.empty());
  return done.json();
}

}  // namespace

TEST_CASE("json: fields in any order, unknown keys ignored, missing ones default") {
  const std::string expected = R"({"date":1,"delay":2,"distance":3,"origin":"LAS","destination":"PHL"})"
                               "\n";
  CHECK(flight_of(R"({"date":1,"delay":2,"distance":3,"origin":"LAS","destination":"PHL"})") == expected);
  CHECK(flight_of(R"( { "destination" : "PHL" , "origin":"LAS","distance" :3,"delay": 2 ,"date":1 } )"
                  "\r\n") == expected);
  CHECK(
      flight_of(
          R"({"x":[1,{"delay":9}],"date":1,"y":{"a":{}},"delay":2,"z":"},","distance":3,"w":null,"origin":"LAS",)"
          R"("destination":"PHL","v":true})") == expected);
  CHECK(flight_of(R"({"d\u0061te":1,"delay":2,"distance":3,"origin":"LA\u0053","destination":"PHL"})") ==
        expected);
  CHECK(flight_of("{}") == R"({"date":0,"delay":0,"distance":0,"origin":"","destination":""})"
                           "\n");
  CHECK(flight_of(R"({"date":null,"origin":null})") == flight_of("{}"));
  CHECK(flight_of(R"({"delay":1,"delay":2,"origin":"a","origin":"b"})") ==
        R"({"date":0,"delay":2,"distance":0,"origin":"b","destination":""})"
        "\n");
}

TEST_CASE("json: times as ISO-8601 text or numbers") {
  CHECK(flight_of(R"({"date":"2001-01-01T00:01"})") == flight_of(R"({"date":978307260000})"));
  const auto format = weir::json_lines<text_records::Flat>().format;
  const auto done =
      read_text(R"({"seconds":"2001-01-01","nanos":1,"unsignedMillis":"1970-01-01T00:00:00.007Z"})", format);
  CHECK(done.letters.empty());
  CHECK_THAT(done.json(), Catch::Contains(R"("seconds":"2001-01-01T00:00:00Z")") &&
                              Catch::Contains(R"("nanos":"1970-01-01T00:00:00.000000001Z")") &&
                              Catch::Contains(R"("unsignedMillis":"1970-01-01T00:00:00.007Z")"));
}

TEST_CASE("json: strings with escapes") {
  CHECK(flight_of(R"({"origin":"a\"b\\c\/d\b\f\n\r\t\u00fc\ud83d\ude00","destination":"ü😀"})") ==
        R"({"date":0,"delay":0,"distance":0,"origin":"a\"b\\c/d\b\f\n\r\tü😀","destination":"ü😀"})"
        "\n");
  CHECK(flight_of(R"({"origin":"\u0000\u001f"})").find(R"("origin":"\u0000\u001f")") != std::string::npos);
}

TEST_CASE("json: nested structs, lists and groups") {
  const std::string nothing =
      R"({"position":null,"track":[],"numbers":[],"flags":[],"words":[],"blobs":[],"colours":[],"matrix":[],"bytes":[],)"
      R"("times":[],"inner":{"count":0,"label":""},"child":null,"nothing":null})"
      "\n";
  CHECK(nested_of("{}") == nothing);
  CHECK(nested_of(R"({"track":null,"inner":null,"position":null,"nothing":null,"words":[],"inner":{}})") ==
        nothing);
  const std::string everything =
      R"({"position":{"latitude":1.5,"longitude":-2},"track":[{"latitude":3,"longitude":0},{"latitude":0,"longitude":4}],)"
      R"("numbers":[1,-2,2147483647],"flags":[true,false,true],"words":["a","","ü"],"blobs":["Zg==",""],)"
      R"("colours":["red","darkBlue",9],"matrix":[[1,2.5],[],[3]],"bytes":[0,255],"times":[978307260000],)"
      R"("inner":{"count":7,"label":"x"},)";
  const std::string last = R"("nothing":null})";
  const std::string one_deep = everything + R"("child":null,)" + last;
  const std::string two_deep = everything + R"("child":)" + one_deep + "," + last + "\n";
  CHECK(nested_of(two_deep) == two_deep);
  CHECK(nested_of(R"({"numbers":[1,null,3],"words":[null,"x"],"track":[null]})")
            .find(R"("track":[{"latitude":0,"longitude":0}],"numbers":[1,0,3])") != std::string::npos);
}

TEST_CASE("json: defaults stay where nothing is given, and are written") {
  const auto format = weir::json_lines<text_records::Defaults>().format;
  CHECK(read_text("{}", format).json() ==
        R"({"flag":true,"number":-7,"real":2.5,"colour":"darkBlue","text":"given","list":[1,2,3]})"
        "\n");
  const std::string other = R"({"flag":false,"number":0,"real":0,"colour":"red","text":"","list":[]})"
                            "\n";
  CHECK(read_text(other, format).json() == other);
}

TEST_CASE("json: malformed lines say what is wrong and where") {
  CHECK(reason_of("nonsense") == "malformed JSON: the line is no object at byte 1");
  CHECK(reason_of("[1]") == "malformed JSON: the line is no object at byte 1");
  CHECK(reason_of("12") == "malformed JSON: the line is no object at byte 1");
  CHECK(reason_of(R"({"date":1)") == "malformed JSON: a comma or } is missing at byte 10");
  CHECK(reason_of(R"({"date":1]})") == "malformed JSON: a comma or } is missing at byte 10");
  CHECK(reason_of(R"({"date" 1})") == "malformed JSON: a colon is missing at byte 9");
  CHECK(reason_of(R"({date:1})") == "malformed JSON: a key is missing at byte 2");
  CHECK(reason_of(R"({"date":1,})") == "malformed JSON: a key is missing at byte 11");
  CHECK(reason_of(R"({"date":})") == "date = }: is neither Int64 nor an ISO-8601 time that fits it");
  CHECK(reason_of(R"({"date":)") == "malformed JSON: a value is missing at byte 9");
  CHECK(reason_of(R"({"x":)") == "malformed JSON: a value is missing or does not end at byte 6");
  CHECK(reason_of(R"({"x":[1)") == "malformed JSON: a value is missing or does not end at byte 8");
  CHECK(reason_of(R"({"date":1} {"date":2})") == "malformed JSON: text after the object at byte 12");
  CHECK(reason_of(R"({"date":1}})") == "malformed JSON: text after the object at byte 11");
  CHECK(reason_of(R"({"origin":"LAS)") == "malformed JSON: a string that does not end");
  CHECK(reason_of("{\"origin\":\"L\tS\"}") ==
        "malformed JSON: a control character in a string that is not escaped");
  CHECK(reason_of("{\"origin\":\"L\xff\"}") == "invalid UTF-8 at byte 13");
  CHECK(reason_of(R"({"origin":"\x"})") == R"(origin = "\x": has a malformed escape)");
  CHECK(reason_of(R"({"origin":"\ud800"})") == R"(origin = "\ud800": has a malformed escape)");
  CHECK(reason_of(R"({"origin":"\udc00"})") == R"(origin = "\udc00": has a malformed escape)");
  CHECK(reason_of(R"({"\q":1})") == "malformed JSON: a key with a malformed escape at byte 7");
}

TEST_CASE("json: values that do not fit") {
  CHECK(reason_of(R"({"delay":99999999999})") ==
        "delay = 99999999999: does not fit Int32 (-2147483648..2147483647)");
  CHECK(reason_of(R"({"delay":1.5})") == "delay = 1.5: is no Int32");
  CHECK(reason_of(R"({"delay":1e3})") == "delay = 1e3: is no Int32");
  CHECK(reason_of(R"({"delay":"7"})") == R"(delay = "7": is no Int32)");
  CHECK(reason_of(R"({"delay":true})") == "delay = true: is no Int32");
  CHECK(reason_of(R"({"delay":[1]})") == "delay = [: is no Int32");
  CHECK(reason_of(R"({"delay":1x})") == "delay = 1x: is no Int32");
  CHECK(reason_of(R"({"delay":007})") == "delay = 007: is no Int32");
  CHECK(reason_of(R"({"date":"yesterday"})") ==
        R"(date = "yesterday": is neither Int64 nor an ISO-8601 time that fits it)");
  CHECK(reason_of(R"({"origin":7})") == "origin is no JSON string");
  CHECK(reason_of(R"({"origin":nul})") == "origin is no JSON string");
}

TEST_CASE("json: values that do not fit, deep inside") {
  CHECK(reason_of(R"({"position":{"latitude":"x"}})", nested) == R"(position.latitude = "x": is no Float64)");
  CHECK(reason_of(R"({"position":{"latitude":1e999}})", nested) ==
        "position.latitude = 1e999: is no Float64");
  CHECK(reason_of(R"({"position":{"latitude":01}})", nested) == "position.latitude = 01: is no Float64");
  CHECK(reason_of(R"({"position":{"latitude":nan}})", nested) == "position.latitude = nan: is no Float64");
  CHECK(reason_of(R"({"position":7})", nested) == "position is no JSON object");
  CHECK(reason_of(R"({"track":[{},{"longitude":[]}]})", nested) == "track[1].longitude = [: is no Float64");
  CHECK(reason_of(R"({"numbers":[1,2,x]})", nested) == "numbers[2] = x: is no Int32");
  CHECK(reason_of(R"({"numbers":{}})", nested) == "numbers is no JSON array");
  CHECK(reason_of(R"({"numbers":[1 2]})", nested) == "malformed JSON: a comma or ] is missing at byte 15");
  CHECK(reason_of(R"({"numbers":[1,]})", nested) == "numbers[1] = ]: is no Int32");
  CHECK(reason_of(R"({"numbers":[1)", nested) == "malformed JSON: an array does not end at byte 13");
  CHECK(reason_of(R"({"flags":[1]})", nested) == "flags[0] = 1: is no Bool");
  CHECK(reason_of(R"({"words":["a",2]})", nested) == "words[1] is no JSON string");
  CHECK(reason_of(R"({"blobs":["Zg=="," "]})", nested) == R"(blobs[1] = " ": is no base64)");
  CHECK(reason_of(R"({"colours":["red","mauve"]})", nested) ==
        R"(colours[1] = "mauve": is none of red, green, darkBlue)");
  CHECK(reason_of(R"({"matrix":[[1],[2,"x"]]})", nested) == R"(matrix[1][1] = "x": is no Float64)");
  CHECK(reason_of(R"({"bytes":[256]})", nested) == "bytes[0] = 256: does not fit UInt8 (0..255)");
  CHECK(reason_of(R"({"inner":{"count":-1}})", nested) ==
        "inner.count = -1: does not fit UInt32 (0..4294967295)");
  CHECK(reason_of(R"({"nothing":1})", nested) == "nothing = 1: is no Void");
}

TEST_CASE("json: nesting is bounded") {
  std::string deep = "{}";
  for (int i = 0; i < 58; ++i) deep = R"({"child":)" + deep + "}";
  CHECK(read_text(deep, nested).records() == 1);
  for (int i = 0; i < 1'000; ++i) deep = R"({"child":)" + deep + "}";
  CHECK_THAT(reason_of(deep, nested), Catch::Contains("nested too deep"));
  const std::string brackets(100'000, '[');
  CHECK_THAT(reason_of(R"({"unknown":)" + brackets, nested), Catch::Contains("does not end"));
}

TEST_CASE("json: a list that would grow too large is one bad record") {
  std::string many = R"({"track":[)";
  for (int i = 0; i < 4'200'000; ++i) many += "{},";
  many += "{}]}";
  auto format = nested;
  format.line_bytes_max = std::size_t{32} << 20;
  CHECK_THAT(read_text(many, format).letters.at(0).reason, Catch::Contains("track has 4200001 elements"));
}

TEST_CASE("json: an error costs its own line only, wherever it stands") {
  const std::string good = R"({"date":1,"origin":"a"})"
                           "\n";
  const std::string bad_lines[] = {"x\n",
                                   "{\"origin\":\"open\n",
                                   "{\"origin\":\"\xff\"}\n",
                                   "{\"a\":\"\t\"}\n",
                                   "{\"date\":\"\n",
                                   "\"\n",
                                   "\\\n",
                                   "{\"origin\":\"\\\n",
                                   "\xc3\n",
                                   "}\n",
                                   "[[[[\n",
                                   std::string{"\0\n", 2}};
  std::mt19937 random{17};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    std::size_t records = 0;
    std::vector<std::string> expected;
    for (std::size_t line = 1; line < 40; ++line) {
      if (random() % 4 != 0) {
        text += good;
        ++records;
      } else {
        text += bad_lines[random() % std::size(bad_lines)];
        expected.push_back(":" + std::to_string(line));
      }
    }
    const auto done = read_text(text, flights, {64, round % 2 == 0 ? 32u : 100'000u});
    REQUIRE(done.records() == records);
    REQUIRE(done.letters.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      REQUIRE_THAT(done.letters[i].position, Catch::EndsWith(expected[i]));
  }
}

TEST_CASE("json: long lines and many of them, across stretches of the index") {
  std::string text;
  for (int i = 0; i < 20; ++i) {
    text += R"({"origin":")" + std::string(static_cast<std::size_t>(i) * 9'000, 'x') + R"(","date":)" +
            std::to_string(i) + "}\n";
    for (int k = 0; k < 300; ++k)
      text += R"({"date":7,"destination":"some text in a line \n"})"
              "\n";
  }
  for (const std::size_t buffer : {1'000u, 70'000u, 1'000'000u}) {
    const auto done = read_text(text, flights, {4'096, buffer});
    CHECK(done.letters.empty());
    CHECK(done.records() == 20 * 301);
  }
}

TEST_CASE("json: numbers as JSON allows them") {
  for (const char* good : {"0", "-0", "1", "10", "-12.5", "0.5", "1e5", "1E+5", "1.5e-7", "0e0"})
    CHECK(weir::io::is_json_number(good));
  for (const char* bad :
       {"", "-", "+1", "01", "-01", ".5", "5.", "1e", "1e+", "0x10", "1 ", " 1", "1_0", "inf", "nan", "1.e5"})
    CHECK_FALSE(weir::io::is_json_number(bad));
}

TEST_CASE("json: random damage never crashes") {
  const std::string sample =
      R"({"position":{"latitude":1.5,"longitude":-2},"track":[{"latitude":3}],"numbers":[1,2,3],"flags":[true,false],)"
      R"("words":["a","b\n"],"blobs":["Zg=="],"colours":["red",2],"matrix":[[1],[]],"bytes":[1],"times":["2001-01-01"],)"
      R"("inner":{"count":1,"label":"x"},"child":{"numbers":[4]},"nothing":null})";
  CHECK(read_text(sample, nested).letters.empty());
  std::mt19937 random{23};
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    std::string line = sample;
    for (std::size_t flips = 1 + random() % 3; flips > 0; --flips) {
      const std::size_t at = random() % line.size();
      switch (random() % 3) {
        case 0: line[at] = R"({}[]:,"\0 ntf1)"[random() % 15]; break;
        case 1: line.erase(at, random() % 5); break;
        default: line.insert(at, 1, R"({}[]:,"\0 ntf1)"[random() % 15]);
      }
    }
    text += line + "\n";
  }
  const auto done = read_text(text, nested, {4'096, 3'000});
  CHECK(done.failure.empty());
  CHECK(done.records() + done.letters.size() == 20'000);
}

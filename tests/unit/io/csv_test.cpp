#include "io/formats/csv_row.hpp"
#include "text_harness.hpp"
#include "unit/io/text_records.capnp.h"

#include <string>

using text_harness::read_text;
using weir::errc;
using weir::io::csv_row;

namespace {

using strings = std::vector<std::string>;

strings fields_of(std::string_view text, char separator = ',') {
  csv_row row{separator};
  switch (row.split(text)) {
    case csv_row::state::complete: return {row.fields().begin(), row.fields().end()};
    case csv_row::state::open: return {"<open>"};
    case csv_row::state::malformed: return {"<" + row.defect() + ">"};
  }
  return {};
}

const auto flights = weir::csv<text_records::Flight>().format;
const std::string header = "date,delay,distance,origin,destination\n";

/// What becomes of one row of flights.
std::string reason_of(const std::string& row) {
  const auto done = read_text(header + row, flights);
  REQUIRE(done.letters.size() == 1);
  CHECK(done.letters[0].code == errc::bad_record);
  CHECK_THAT(done.letters[0].position, Catch::EndsWith("/input:2"));
  CHECK(done.records() == 0);
  return done.letters[0].reason;
}

}  // namespace

TEST_CASE("csv_row: fields") {
  CHECK(fields_of("a,b,c") == strings{"a", "b", "c"});
  CHECK(fields_of("") == strings{""});
  CHECK(fields_of(",") == strings{"", ""});
  CHECK(fields_of("a;b,c", ';') == strings{"a", "b,c"});
  CHECK(fields_of("longer than eight,and another that is,") ==
        strings{"longer than eight", "and another that is", ""});
  CHECK(fields_of("1,2,3,4,5,6,7,8,9,10,11,12").size() == 12);
}

TEST_CASE("csv_row: quotes") {
  CHECK(fields_of(R"("a","b,c","")") == strings{"a", "b,c", ""});
  CHECK(fields_of(R"("say ""yes""",2)") == strings{R"(say "yes")", "2"});
  CHECK(fields_of(R"("""")") == strings{R"(")"});
  CHECK(fields_of(R"(plain,"quoted",)") == strings{"plain", "quoted", ""});
  CHECK(fields_of("\"two\nlines\",x") == strings{"two\nlines", "x"});
  CHECK(fields_of(R"("open)") == strings{"<open>"});
  CHECK(fields_of(R"(a,"open ""still)") == strings{"<open>"});
  CHECK(fields_of(R"(a"b,c)") == strings{"<a quote inside an unquoted field at byte 2>"});
  CHECK(fields_of(R"("a"b,c)") == strings{"<text after a closing quote at byte 4>"});
}

TEST_CASE("csv: flights") {
  const auto done =
      read_text(header + "2001-01-01T00:01,33,2176,LAS,PHL\r\n978307260000,-5,0,\"A,T\",\n", flights);
  CHECK(done.failure.empty());
  CHECK(done.letters.empty());
  CHECK(done.json() ==
        R"({"date":978307260000,"delay":33,"distance":2176,"origin":"LAS","destination":"PHL"})"
        "\n"
        R"({"date":978307260000,"delay":-5,"distance":0,"origin":"A,T","destination":""})"
        "\n");
}

TEST_CASE("csv: columns in any order, unknown ones ignored, names by annotation") {
  const auto done = read_text("x,origin,delay,y,distance,destination,date\n1,LAS,2,,3,PHL,4\n", flights);
  CHECK(done.json() ==
        "{\"date\":4,\"delay\":2,\"distance\":3,\"origin\":\"LAS\",\"destination\":\"PHL\"}\n");
  CHECK(read_text("\xef\xbb\xbf"
                  "text\nx\n",
                  weir::csv<text_records::OneText>().format)
            .json() == "{\"text\":\"x\"}\n");
}

TEST_CASE("csv: the separator may be another") {
  auto format = weir::csv<text_records::OneText>(';').format;
  CHECK(read_text("a;text\n,;\"x;y\"\n", format).json() == "{\"text\":\"x;y\"}\n");
  format.separator = '"';
  CHECK(read_text("text\nx\n", format).code == errc::invalid_argument);
}

TEST_CASE("csv: empty lines are no records, an empty file is fine") {
  CHECK(read_text("", flights).failure.empty());
  CHECK(read_text("\n\n", flights).failure.empty());
  const auto done = read_text("\n" + header + "\n1,2,3,a,b\n\n1,2,3,a,b", flights);
  CHECK(done.records() == 2);
  CHECK(done.letters.empty());
}

TEST_CASE("csv: a header that does not fit says what is missing and what there is") {
  const auto done = read_text("date,delay,origin\n1,2,a\n", flights);
  CHECK(done.code == errc::not_found);
  CHECK_THAT(done.failure, Catch::Contains("/input:") && Catch::Contains("no column is named 'distance'") &&
                               Catch::Contains("Flight") && Catch::Contains("date, delay, origin") &&
                               Catch::Contains("$Weir.name"));
  CHECK_THAT(read_text("date,date,delay,distance,origin,destination\n", flights).failure,
             Catch::Contains("two columns are named 'date'"));
  CHECK(read_text("date,\"open\n1,2\n", flights).code == errc::corrupt_input);
  CHECK(read_text("date\xff\n", flights).code == errc::corrupt_input);
  auto narrow = flights;
  narrow.line_bytes_max = 10;
  CHECK_THAT(read_text(header, narrow).failure,
             Catch::Contains("header") && Catch::Contains("line_bytes_max"));
}

TEST_CASE("csv: bad rows say the column, the value and the limit, and the others are read") {
  CHECK(reason_of("1,99999999999,3,a,b") ==
        "delay = 99999999999: does not fit Int32 (-2147483648..2147483647)");
  CHECK(reason_of("1,-2147483649,3,a,b") ==
        "delay = -2147483649: does not fit Int32 (-2147483648..2147483647)");
  CHECK(reason_of("1,,3,a,b") == "delay is empty");
  CHECK(reason_of("1, ,3,a,b") == "delay is empty");
  CHECK(reason_of("1,3.5,3,a,b") == "delay = 3.5: is no Int32");
  CHECK(reason_of("1,abc,3,a,b") == "delay = abc: is no Int32");
  CHECK(reason_of("2001-02-30,2,3,a,b") ==
        "date = 2001-02-30: is neither Int64 nor an ISO-8601 time that fits it");
  CHECK(reason_of("1,2,3,a") == "has 4 columns, the header has 5");
  CHECK(reason_of("1,2,3,a,b,c") == "has 6 columns, the header has 5");
  CHECK(reason_of("1,2,3,a\xff,b") == "invalid UTF-8 at byte 8");
  CHECK(reason_of("1,2,3,a\"b\",b") == "a quote inside an unquoted field at byte 8");
  CHECK(reason_of("1,2,3,\"a\"b,b") == "text after a closing quote at byte 10");
  const auto done = read_text(header + "1,2,3,a,b\nbad\n1,2,3,c,d\n", flights);
  CHECK(done.records() == 2);
  CHECK(done.letters.size() == 1);
  CHECK(done.letters[0].content == "bad");
}

TEST_CASE("csv: numbers may have spaces around them") {
  CHECK(read_text(header + " 1 ,\t2, 3,a,b\n", flights).records() == 1);
}

TEST_CASE("csv: quoted fields span lines, whatever the buffer") {
  const std::string row = "1,2,3,\"two\r\nlines\n\nor \"\"more\"\"\",b\n";
  for (const std::size_t buffer : {16u, 40u, 100'000u}) {
    const auto done = read_text(header + row + "1,2,3,c,d\nbad\n", flights, {64, buffer});
    CHECK(done.records() == 2);
    CHECK_THAT(done.json(), Catch::Contains(R"("two\r\nlines\n\nor \"more\"")"));
    REQUIRE(done.letters.size() == 1);
    CHECK_THAT(done.letters[0].position, Catch::EndsWith(":7"));
  }
}

TEST_CASE("csv: a stray quote costs its line only") {
  const std::string good = "1,2,3,a,b\n";
  for (const std::size_t buffer : {16u, 100'000u}) {
    auto done = read_text(header + "1,2,3,\"a,b\n" + good + good, flights, {64, buffer});
    CHECK(done.records() == 2);
    REQUIRE(done.letters.size() == 1);
    CHECK_THAT(done.letters[0].reason, Catch::Contains("not closed before the end of the file"));
    CHECK(done.letters[0].content == "1,2,3,\"a,b");

    done = read_text(header + "1,2,3,\"a,b\n" + good + "1,2,3,\"x\",b\n" + good, flights, {64, buffer});
    CHECK(done.records() == 3);
    CHECK(done.letters.size() == 1);

    auto narrow = flights;
    narrow.line_bytes_max = 200;
    std::string many;
    for (int i = 0; i < 100; ++i) many += good;
    done = read_text(header + "1,2,3,\"a,b\n" + many, narrow, {64, buffer});
    CHECK(done.records() == 100);
    REQUIRE(done.letters.size() == 1);
    CHECK_THAT(done.letters[0].reason, Catch::Contains("not closed within line_bytes_max"));
  }
}

TEST_CASE("csv: a long line is one bad record") {
  auto narrow = flights;
  narrow.line_bytes_max = 100;
  const auto done = read_text(header + "1,2,3,a,b\n" + std::string(5'000, 'x') + "\n1,2,3,a,b\n", narrow);
  CHECK(done.records() == 2);
  REQUIRE(done.letters.size() == 1);
  CHECK(done.letters[0].code == errc::record_too_large);
  CHECK_THAT(done.letters[0].reason, Catch::Contains("5000 bytes") && Catch::Contains("limit of 100"));
  CHECK_THAT(done.letters[0].position, Catch::EndsWith(":3"));
  CHECK(done.letters[0].content == std::string(200, 'x'));
}

TEST_CASE("csv: records that no row can hold are refused at once") {
  const auto done = read_text("a\n", weir::csv<text_records::Nested>().format);
  CHECK(done.code == errc::unsupported);
  CHECK_THAT(done.failure, Catch::Contains("Nested.position"));
}

TEST_CASE("csv: every kind of field") {
  const auto done = read_text(
      "flag,tiny,small,medium,large,utiny,usmall,umedium,ularge,single,double,colour,text,data,seconds,"
      "millis,micros,nanos,"
      "unsignedMillis,other name\n"
      "true,-128,-32768,-2147483648,-9223372036854775808,255,65535,4294967295,18446744073709551615,0.5,1e300,"
      "darkBlue,t,Zm9v,"
      "2001-01-01,2001-01-01T00:00:00.001,2001-01-01 00:00:00.000001Z,1,2,3\n"
      "FALSE,0,0,0,0,0,0,0,0,nan,-inf,7,,,1,2,3,4,1970-01-01T00:00:00.005Z,0\n",
      weir::csv<text_records::Flat>().format);
  CHECK(done.letters.empty());
  CHECK(
      done.json() ==
      R"({"flag":true,"tiny":-128,"small":-32768,"medium":-2147483648,"large":-9223372036854775808,"utiny":255,)"
      R"("usmall":65535,"umedium":4294967295,"ularge":18446744073709551615,"single":0.5,"double":1e+300,)"
      R"("colour":"darkBlue","text":"t","data":"Zm9v","seconds":"2001-01-01T00:00:00Z",)"
      R"("millis":"2001-01-01T00:00:00.001Z","micros":"2001-01-01T00:00:00.000001Z",)"
      R"("nanos":"1970-01-01T00:00:00.000000001Z","unsignedMillis":"1970-01-01T00:00:00.002Z","other name":3})"
      "\n"
      R"({"flag":false,"tiny":0,"small":0,"medium":0,"large":0,"utiny":0,"usmall":0,"umedium":0,"ularge":0,)"
      R"("single":null,"double":null,"colour":7,"text":"","data":"","seconds":"1970-01-01T00:00:01Z",)"
      R"("millis":"1970-01-01T00:00:00.002Z","micros":"1970-01-01T00:00:00.000003Z",)"
      R"("nanos":"1970-01-01T00:00:00.000000004Z","unsignedMillis":"1970-01-01T00:00:00.005Z","other name":0})"
      "\n");
}

TEST_CASE("csv: refusals of every kind of field") {
  const auto refused = [](std::string_view column, std::string_view value) {
    const std::string all =
        "flag,tiny,small,medium,large,utiny,usmall,umedium,ularge,single,double,colour,text,data,seconds,"
        "millis,micros,"
        "nanos,unsignedMillis,other name";
    std::string row;
    for (std::size_t begin = 0; begin <= all.size();) {
      const std::size_t end = std::min(all.find(',', begin), all.size());
      const std::string name = all.substr(begin, end - begin);
      if (!row.empty()) row += ',';
      row += name == column ? std::string{value} : name == "colour" ? "red" : name == "data" ? "" : "0";
      begin = end + 1;
    }
    const auto done = read_text(all + "\n" + row + "\n", weir::csv<text_records::Flat>().format);
    REQUIRE(done.letters.size() == 1);
    return done.letters[0].reason;
  };
  CHECK(refused("flag", "yes") == "flag = yes: is no Bool");
  CHECK(refused("tiny", "128") == "tiny = 128: does not fit Int8 (-128..127)");
  CHECK(refused("small", "-32769") == "small = -32769: does not fit Int16 (-32768..32767)");
  CHECK(refused("large", "9223372036854775808") ==
        "large = 9223372036854775808: does not fit Int64 (-9223372036854775808..9223372036854775807)");
  CHECK(refused("utiny", "-1") == "utiny = -1: does not fit UInt8 (0..255)");
  CHECK(refused("usmall", "65536") == "usmall = 65536: does not fit UInt16 (0..65535)");
  CHECK(refused("ularge", "18446744073709551616") ==
        "ularge = 18446744073709551616: does not fit UInt64 (0..18446744073709551615)");
  CHECK(refused("ularge", "999999999999999999999999").find("does not fit UInt64") != std::string::npos);
  CHECK(refused("single", "1e99") == "single = 1e99: is no Float32");
  CHECK(refused("double", "1.2.3") == "double = 1.2.3: is no Float64");
  CHECK(refused("colour", "blue") == "colour = blue: is none of red, green, darkBlue");
  CHECK(refused("colour", "") == "colour is empty");
  CHECK(refused("data", "Zm9*") == "data = Zm9*: is no Data");
  CHECK(refused("unsignedMillis", "1969-12-31") ==
        "unsignedMillis = 1969-12-31: is neither UInt64 nor an ISO-8601 time that fits it");
  CHECK(refused("umedium", std::string(300, '9')).find("99... (300 bytes)") != std::string::npos);
}

#include "support/records.capnp.h"
#include <weir/record.hpp>

#include <capnp/message.h>
#include <catch2/catch.hpp>

#include <string>

using weir::test::Nothing;
using weir::test::OnlyPointers;
using weir::test::Reading;

TEST_CASE("record_type: knows name and layout") {
  const auto type = weir::record_type::of<Reading>();
  CHECK(type.name() == "Reading");
  CHECK(type.data_words() == 2);
  CHECK(type.pointers() == 2);
  CHECK(type.words() == 4);
  CHECK(weir::record_type::of<Nothing>().words() == 0);
  CHECK(type == weir::record_type::of<Reading>());
  CHECK_FALSE(type == weir::record_type::of<OnlyPointers>());
  CHECK(type.schema().getFieldByName("sensor").getIndex() == 0);
}

TEST_CASE("to_text: a record for a person, cut between two characters") {
  capnp::MallocMessageBuilder message;
  auto reading = message.initRoot<Reading>();
  reading.setSensor("caf\xc3\xa9");
  reading.setValue(7);
  const auto type = weir::record_type::of<Reading>();
  const auto whole = weir::to_text(reading.asReader(), type);
  CHECK(whole == "(sensor = \"caf\xc3\xa9\", value = 7, at = 0)");
  const auto before_e = whole.find('\xc3');
  CHECK(weir::to_text(reading.asReader(), type, before_e + 1) == "(sensor = \"caf...");
  CHECK(weir::to_text(reading.asReader(), type, before_e + 2) == "(sensor = \"caf\xc3\xa9...");
  CHECK(weir::to_text(reading.asReader(), type, whole.size()) == whole);
  CHECK(weir::to_text(reading.asReader(), type, 0) == "...");
}

TEST_CASE("record: a concept of structs") {
  STATIC_REQUIRE(weir::record<Reading>);
  STATIC_REQUIRE_FALSE(weir::record<weir::test::Level>);
  STATIC_REQUIRE_FALSE(weir::record<int>);
}

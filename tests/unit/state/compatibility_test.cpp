#include "state/described/compatibility.hpp"

#include "schemas/state.capnp.h"
#include "support/records.capnp.h"
#include <weir/runtime/describe.hpp>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <catch2/catch.hpp>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

using weir::cell_descriptor;
using weir::cell_kind;
using weir::state::incompatibility;
using weir::test::Reading;

namespace {

std::string differ(std::string stored, std::string declared) {
  return incompatibility({"open", cell_kind::value, std::move(stored)},
                         {"open", cell_kind::value, std::move(declared)})
      .value_or("");
}

/// The schemas of a Reading as another version of it would have them.
std::string changed_reading(const std::function<void(capnp::schema::Node::Builder)>& change) {
  const auto bytes = weir::schemas_of<weir::stored<Reading>>();
  std::vector<capnp::word> words(bytes.size() / sizeof(capnp::word));
  std::memcpy(words.data(), bytes.data(), bytes.size());
  capnp::FlatArrayMessageReader message{kj::arrayPtr(words.data(), words.size())};
  capnp::MallocMessageBuilder changed;
  changed.setRoot(message.getRoot<weir::wire::RecordSchemas>());
  change(changed.getRoot<weir::wire::RecordSchemas>().getNodes()[0]);
  const auto flat = capnp::messageToFlatArray(changed);
  return {flat.asChars().begin(), flat.asChars().size()};
}

cell_descriptor reading_cell(std::string schemas) {
  return {"last", cell_kind::value, weir::describe<weir::stored<Reading>>(), "", std::move(schemas)};
}

}  // namespace

TEST_CASE("incompatibility: what may differ") {
  CHECK(differ("int32", "int32").empty());
  CHECK(differ("storm{event_time, uint32}", "tempest{event_time, uint32}").empty());
  CHECK(differ("tuple<int8, text>", "named{int8, text}").empty());
  CHECK(differ("red:uint8", "blue:uint8").empty());
  CHECK(differ("tree{int32, list<tree>}", "node{int32, list<node>}").empty());
  CHECK(differ("Flight@9a", "Trip@9a").empty());
}

TEST_CASE("incompatibility: names the place and both types") {
  CHECK(differ("int32", "int64") == "the value was stored as int32 and is declared as int64");
  CHECK(differ("storm{event_time, uint32}", "storm{event_time, uint64}") ==
        "field 2 of storm was stored as uint32 and is declared as uint64");
  CHECK(differ("storm{event_time, list<optional<point{float32, map<text, int8>}>>}",
               "storm{event_time, list<optional<point{float32, map<text, text>}>>}") ==
        "a value of field 2 of point was stored as int8 and is declared as text");
  CHECK(differ("storm{list<int8>}", "storm{list<int16>}") ==
        "an element of field 1 of storm was stored as int8 and is declared as int16");
  CHECK(differ("storm{event_time}", "storm{event_time, text}") ==
        "the value was stored with 1 fields, as storm{event_time}, and is declared with 2, as "
        "storm{event_time, text}");
  CHECK(differ("tuple<int8, text>", "tuple<int8, bool>") ==
        "field 2 of the value was stored as text and is declared as bool");
}

TEST_CASE("incompatibility: what must not differ") {
  CHECK_FALSE(differ("event_time", "processing_time").empty());
  CHECK_FALSE(differ("event_time", "time(ms)").empty());
  CHECK_FALSE(differ("duration(us)", "duration(us, float64)").empty());
  CHECK_FALSE(differ("red:uint8", "red:uint16").empty());
  CHECK_FALSE(differ("uint8", "red:uint8").empty());
  CHECK_FALSE(differ("int8[3]", "int8[4]").empty());
  CHECK_FALSE(differ("list<int8>", "set<int8>").empty());
  CHECK_FALSE(differ("a{4 bytes}", "a{8 bytes}").empty());
  CHECK_FALSE(differ("a{4 bytes}", "b{4 bytes}").empty());
  CHECK_FALSE(differ("Flight@9a", "Flight@9b").empty());
  CHECK_FALSE(differ("a{list<b{list<a>}>}", "a{list<b{list<b>}>}").empty());
  CHECK_FALSE(differ("damaged{", "int8").empty());
  CHECK(incompatibility({"x", cell_kind::value, "int8"}, {"x", cell_kind::list, "int8"}) ==
        "it was stored as a value of int8 and is declared as a list of int8");
  CHECK(incompatibility({"x", cell_kind::map, "int8", "text"}, {"x", cell_kind::map, "int8", "int8"}) ==
        "a key of the map was stored as text and is declared as int8");
}

TEST_CASE("incompatibility: records change by Cap'n Proto's rules") {
  const auto now = reading_cell(weir::schemas_of<weir::stored<Reading>>());
  CHECK_FALSE(incompatibility(now, now));
  const auto fewer_fields = changed_reading([](capnp::schema::Node::Builder node) {
    auto content = node.getStruct();
    content.setPointerCount(1);
    const auto fields = content.disownFields();
    auto kept = content.initFields(3);
    for (unsigned at = 0; at < 3; ++at) kept.setWithCaveats(at, fields.getReader()[at]);
  });
  CHECK_FALSE(incompatibility(reading_cell(fewer_fields), now));
  CHECK_FALSE(incompatibility(now, reading_cell(fewer_fields)));
  const auto other_type = changed_reading([](capnp::schema::Node::Builder node) {
    auto value = node.getStruct().getFields()[1].getSlot();
    value.getType().setFloat64();
    value.getDefaultValue().setFloat64(0);
  });
  const auto found = incompatibility(reading_cell(other_type), now);
  REQUIRE(found);
  CHECK_THAT(*found, Catch::Contains("Reading@"));
  UNSCOPED_INFO(*found);
  CHECK(incompatibility(reading_cell("damaged!"), now));
}

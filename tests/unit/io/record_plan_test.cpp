#include "io/formats/record_plan.hpp"

#include "unit/io/text_records.capnp.h"

#include <catch2/catch.hpp>

using weir::io::record_plan;
using weir::io::value_kind;
using purpose = record_plan::purpose;

namespace {

template <class T>
weir::result<std::shared_ptr<const record_plan>> plan_of(purpose meant = purpose::reading) {
  return record_plan::compile(capnp::Schema::from<T>(), meant);
}

}  // namespace

TEST_CASE("record_plan: fields have their slots, defaults, units and names") {
  const auto plan = plan_of<text_records::Flat>().or_throw();
  CHECK(plan->type_name() == "Flat");
  REQUIRE(plan->fields().size() == 20);
  CHECK(plan->fields()[0].value.kind == value_kind::boolean);
  CHECK(plan->fields()[11].value.names->names == std::vector<std::string>{"red", "green", "darkBlue"});
  CHECK(plan->fields()[14].value.time == weir::time_unit::seconds);
  CHECK(plan->fields()[17].value.time == weir::time_unit::nanos);
  CHECK(plan->fields()[4].value.time == std::nullopt);
  CHECK(plan->fields()[19].name == "other name");
  CHECK(plan->fields()[19].key == "\"other name\":");
}

TEST_CASE("record_plan: fields are found by name") {
  const auto plan = plan_of<text_records::Flat>().or_throw();
  for (std::size_t i = 0; i < plan->fields().size(); ++i) CHECK(plan->find(plan->fields()[i].name) == i);
  for (const char* name : {"", "renamed", "Flag", "flagg", "fla", "text\0"}) {
    if (std::string_view{name} != "text") CHECK(plan->find(name) == record_plan::no_field);
  }
}

TEST_CASE("record_plan: a key is known by its first bytes") {
  const auto plan = plan_of<text_records::LongKeys>().or_throw();
  const auto is_key = [&](std::size_t field, std::string text) {
    text.append(80, ' ');
    return plan->fields()[field].is_key(text.data());
  };
  CHECK(is_key(0, R"("aKeyWithSixteenCharacters":1)"));
  CHECK_FALSE(is_key(0, R"("aKeyWithSixteenCharacterz":1)"));
  CHECK_FALSE(is_key(0, R"("aKeyWithSixteenCharacters" :1)"));
  CHECK(is_key(1, R"("k":1)"));
  CHECK_FALSE(is_key(1, R"("kk":1)"));
  CHECK_FALSE(is_key(2, plan->fields()[2].key));  // long ones are looked up
}

TEST_CASE("record_plan: recursive types end") {
  const auto plan = plan_of<text_records::Nested>().or_throw();
  const auto& child = plan->fields()[plan->find("child")];
  REQUIRE(child.value.fields != nullptr);
  CHECK(child.value.fields->find("child") == plan->find("child"));
}

TEST_CASE("record_plan: what text cannot hold is an error that names the field") {
  const auto with_any = plan_of<text_records::WithAny>();
  REQUIRE_FALSE(with_any.ok());
  CHECK(with_any.failed().code == weir::errc::unsupported);
  CHECK_THAT(with_any.failed().message, Catch::Contains("WithAny.content"));

  const auto shape = plan_of<text_records::Shape>();
  REQUIRE_FALSE(shape.ok());
  CHECK_THAT(shape.failed().message, Catch::Contains("Shape.radius") && Catch::Contains("union"));
  CHECK(plan_of<text_records::Shape>(purpose::writing).ok());

  const auto wrong_time = plan_of<text_records::WrongTime>();
  REQUIRE_FALSE(wrong_time.ok());
  CHECK_THAT(wrong_time.failed().message, Catch::Contains("WrongTime.at") && Catch::Contains("$Weir.time"));

  const auto same_names = plan_of<text_records::SameNames>();
  REQUIRE_FALSE(same_names.ok());
  CHECK(same_names.failed().code == weir::errc::invalid_argument);
  CHECK_THAT(same_names.failed().message, Catch::Contains("'one'") && Catch::Contains("$Weir.name"));
}

TEST_CASE("record_plan: CSV holds flat records only") {
  CHECK(check_flat(*plan_of<text_records::Flat>().or_throw()).ok());
  const auto flat = check_flat(*plan_of<text_records::Nested>().or_throw());
  REQUIRE_FALSE(flat.ok());
  CHECK_THAT(flat.failed().message, Catch::Contains("Nested.position") && Catch::Contains("JSON"));
  const auto shape = check_flat(*plan_of<text_records::Shape>(purpose::writing).or_throw());
  REQUIRE_FALSE(shape.ok());
  CHECK_THAT(shape.failed().message, Catch::Contains("union"));
}

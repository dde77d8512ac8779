#include "operators/source_marks.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace weir;

namespace {

source_marks of_three() {
  source_marks marks;
  marks.parts = {{"a", "at a", 0, 30, 1}, {"b", "at b", 4, 10, 2}, {"c", "at c", 0, 20, 3}};
  return marks;
}

}  // namespace

TEST_CASE("source_marks: a part finds its own marks by its name") {
  const auto made = marks_of_parts({"c", "b", "a"}, of_three()).or_throw();
  REQUIRE(made.size() == 3);
  CHECK(made[0].watermark_us == 20);
  CHECK(made[1].skipped == 4);
  CHECK(made[2].letters == 1);
  CHECK(made[2].bookmark == "at a");
}

TEST_CASE("source_marks: a part that is new begins on the least watermark") {
  const auto made = marks_of_parts({"a", "b", "new"}, of_three()).or_throw();
  CHECK(made[2].name == "new");
  CHECK(made[2].watermark_us == 10);
  CHECK(made[2].letters == 0);
  CHECK_FALSE(made[2].bookmark.has_value());
}

TEST_CASE("source_marks: a part that had sent some of a batch must be there") {
  CHECK(marks_of_parts({"b"}, of_three()).ok());
  const auto refused = marks_of_parts({"a", "c"}, of_three()).failed();
  CHECK(refused.code == errc::unsupported);
  CHECK(refused.message.find("'b'") != std::string::npos);
  CHECK_FALSE(marks_of_parts({""}, of_three()).ok());
}

TEST_CASE("source_marks: the only part has the only marks, whatever its name") {
  source_marks was;
  was.parts = {{"", "here", 3, 7, 2}};
  const auto made = marks_of_parts({"a"}, was).or_throw();
  REQUIRE(made.size() == 1);
  CHECK(made[0].name == "a");
  CHECK(made[0].skipped == 3);
  CHECK(made[0].letters == 2);
}

TEST_CASE("source_marks: the only part that is another one than was there begins anew") {
  source_marks was;
  was.parts = {{"a", "at a", 0, 7, 2}};
  const auto made = marks_of_parts({"b"}, was).or_throw();
  CHECK(made[0].letters == 0);
  CHECK(made[0].watermark_us == 7);
  CHECK_FALSE(made[0].bookmark.has_value());
  was.parts[0].skipped = 3;
  CHECK_FALSE(marks_of_parts({"b"}, was).ok());
  CHECK(marks_of_parts({"a"}, was).or_throw()[0].skipped == 3);
}

TEST_CASE("source_marks: a part that another instance read goes on where that one was") {
  source_marks was;
  was.parts = {{"a", "at a", 0, 70, 2}};
  was.elsewhere = {{"b", {}, 4, 30, 1}, {"c", {}, 0, 50, 0}};
  const auto moved = marks_of_parts({"b"}, was).or_throw();
  CHECK(moved[0].skipped == 4);
  CHECK(moved[0].watermark_us == 30);
  CHECK(moved[0].letters == 1);
  const auto made = marks_of_parts({"a", "c", "new"}, was).or_throw();
  CHECK(made[0].watermark_us == 70);
  CHECK(made[1].watermark_us == 50);
  CHECK(made[2].watermark_us == 30);
  was.parts = {{"", {}, 0, 30, 0}};  // of an instance that is new
  CHECK(marks_of_parts({"c"}, was).or_throw()[0].watermark_us == 50);
  CHECK(marks_of_parts({"new"}, was).or_throw()[0].watermark_us == 30);
}

TEST_CASE("source_marks: a share that was read as one is read in parts where nothing is amid") {
  source_marks was;
  was.parts = {{"", "here", 0, 7, 0}};
  CHECK_FALSE(was.is_amid_one());
  const auto made = marks_of_parts({"a", "b"}, was).or_throw();
  CHECK(made[0].watermark_us == 7);
  CHECK(made[1].watermark_us == 7);
  was.parts[0].letters = 1;
  CHECK(was.is_amid_one());
  was.parts[0] = {"", "here", 1, 7, 0};
  CHECK(was.is_amid_one());
  was.parts[0].name = "a";
  CHECK_FALSE(was.is_amid_one());
  CHECK(source_marks{}.least_watermark_us() == time_min_us);
  CHECK_FALSE(source_marks{}.is_amid_one());
  CHECK(marks_of_parts({"a", "b"}, {}).or_throw()[1].watermark_us == time_min_us);
}

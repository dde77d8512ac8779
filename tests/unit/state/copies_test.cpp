#include <weir/aggregates/distinct_values.hpp>
#include <weir/runtime/decode.hpp>
#include <weir/runtime/describe.hpp>
#include <weir/runtime/encode.hpp>
#include <weir/runtime/shared_list.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace {

using numbers = weir::detail::shared_list<std::int64_t>;
using texts = weir::detail::shared_list<std::string>;

struct with_list {
  std::int64_t first = 0;
  numbers all{};
};
struct tree {
  std::int64_t value = 0;
  std::vector<tree> children{};
};

template <class T>
T copied(const T& object) {
  std::string bytes;
  weir::byte_writer to{bytes};
  weir::encode(object, to);
  weir::byte_reader from{bytes};
  T made;
  REQUIRE(weir::decode(made, from));
  REQUIRE(from.is_done());
  return made;
}

}  // namespace

TEST_CASE("shared lists are encoded as other lists are") {
  CHECK(weir::describe<numbers>() == "list<int64>");
  const numbers some{{3, 1, 2}};
  const auto made = copied(some);
  CHECK(std::vector<std::int64_t>{made.begin(), made.end()} == std::vector<std::int64_t>{3, 1, 2});
  CHECK(copied(numbers{}).size() == 0);
  const auto words = copied(texts{{"a", "", "b"}});
  CHECK(std::vector<std::string>{words.begin(), words.end()} == std::vector<std::string>{"a", "", "b"});
}

TEST_CASE("shared lists: a copy refers to the same elements") {
  const numbers some{{1, 2}};
  const auto other = some;
  CHECK(some.begin() == other.begin());
}

TEST_CASE("state types with a shared part are copied, others encoded") {
  using weir::detail::copies_share;
  CHECK(copies_share<numbers>());
  CHECK(copies_share<with_list>());
  CHECK(copies_share<std::tuple<std::int64_t, weir::detail::distinct_values<std::int64_t>>>());
  CHECK(copies_share<std::vector<with_list>>());
  CHECK(copies_share<std::map<std::int64_t, numbers>>());
  CHECK(copies_share<weir::sliding_vector<with_list>>());
  CHECK_FALSE(copies_share<std::int64_t>());
  CHECK_FALSE(copies_share<std::vector<std::int64_t>>());
  CHECK_FALSE(copies_share<std::string>());
  CHECK_FALSE(copies_share<tree>());
}

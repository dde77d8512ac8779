#include "support/records.capnp.h"
#include <weir/runtime/describe.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

using weir::describe;
using weir::state_type;
using weir::test::Reading;

namespace {

enum class color : std::uint8_t { red };
enum plain { one };

struct point {
  float x = 0;
  float y = 0;
};
struct sixteen {
  int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o;
  std::int64_t p;
};
struct seventeen {
  int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q;
};
struct derived : point {
  int z = 0;
};
union either {
  int number;
  float real;
};
class closed {
 public:
  closed() = default;
  [[nodiscard]] int value() const { return value_; }

 private:
  int value_ = 0;
};
struct nothing {};
struct mixed {
  char letters[3] = {};
  std::array<point, 2> corners{};
  std::optional<color> shade;
  std::vector<bool> bits;
  std::uint32_t small : 4 = 0;
};
struct tree {
  int value = 0;
  std::vector<tree> children;
};
template <class T>
struct box {
  T content{};
};

class seen {
 public:
  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, seen& x) {
    return f(std::string_view{"an annotation"}, x.count_, x.names_);
  }

 private:
  int count_ = 0;
  std::vector<std::string> names_;
};

struct with_pointer {
  int* where = nullptr;
};
struct with_view {
  std::string_view text;
};
class span_like : public std::span<int> {};

}  // namespace

TEST_CASE("describe: numbers by their width, enums, texts") {
  CHECK(describe<bool>() == "bool");
  CHECK(describe<std::int8_t>() == "int8");
  CHECK(describe<long>() == "int64");
  CHECK(describe<long long>() == "int64");
  CHECK(describe<std::uint16_t>() == "uint16");
  CHECK(describe<float>() == "float32");
  CHECK(describe<double>() == "float64");
  CHECK(describe<std::string>() == "text");
  CHECK(describe<color>() == "color:uint8");
  CHECK(describe<plain>() == "plain:uint32");
}

TEST_CASE("describe: times and durations") {
  CHECK(describe<weir::event_time>() == "event_time");
  CHECK(describe<weir::processing_time>() == "processing_time");
  CHECK(describe<std::chrono::sys_time<std::chrono::milliseconds>>() == "time(ms)");
  CHECK(describe<weir::duration>() == "duration(us)");
  CHECK(describe<std::chrono::minutes>() == "duration(min)");
  CHECK(describe<std::chrono::duration<double>>() == "duration(s, float64)");
  CHECK(describe<std::chrono::duration<std::int64_t, std::ratio<1, 30>>>() == "duration(1/30s)");
}

TEST_CASE("describe: containers") {
  CHECK(describe<std::vector<int>>() == "list<int32>");
  CHECK(describe<std::deque<int>>() == "list<int32>");
  CHECK(describe<std::array<std::string, 4>>() == "text[4]");
  CHECK(describe<std::optional<double>>() == "optional<float64>");
  CHECK(describe<std::pair<int, std::string>>() == "tuple<int32, text>");
  CHECK(describe<std::tuple<>>() == "tuple<>");
  CHECK(describe<std::map<std::string, std::set<std::uint8_t>>>() == "map<text, set<uint8>>");
  CHECK(describe<std::map<std::string, int, std::less<>>>() == "map<text, int32>");
}

TEST_CASE("describe: structs by their fields") {
  struct local {
    weir::event_time first;
    std::string name;
  };
  CHECK(describe<point>() == "point{float32, float32}");
  CHECK(describe<local>() == "local{event_time, text}");
  CHECK(describe<nothing>() == "nothing{}");
  CHECK(describe<mixed>() ==
        "mixed{int8[3], point{float32, float32}[2], optional<color:uint8>, list<bool>, uint32}");
  CHECK(describe<tree>() == "tree{int32, list<tree>}");
  CHECK(describe<box<std::vector<std::pair<int, int>>>>() == "box{list<tuple<int32, int32>>}");
  const std::string ints = "int32, int32, int32, int32, int32, ";
  CHECK(describe<sixteen>() == "sixteen{" + ints + ints + ints + "int64}");
}

TEST_CASE("describe: what cannot be looked into by its size") {
  CHECK(describe<seventeen>() == "seventeen{68 bytes}");
  CHECK(describe<closed>() == "closed{4 bytes}");
  CHECK(describe<derived>() == "derived{12 bytes}");
}

TEST_CASE("describe: what inspect() names, annotations aside") {
  CHECK(describe<seen>() == "seen{int32, list<text>}");
}

TEST_CASE("describe: Cap'n Proto structs by name and id") {
  CHECK_THAT(describe<weir::stored<Reading>>(), Catch::StartsWith("Reading@") && !Catch::Contains("{"));
  CHECK(describe<std::vector<weir::stored<Reading>>>() == "list<" + describe<weir::stored<Reading>>() + ">");
}

TEST_CASE("state_type: no pointers, references, views, smart pointers, or random orders") {
  STATIC_REQUIRE(state_type<mixed>);
  STATIC_REQUIRE_FALSE(state_type<int*>);
  STATIC_REQUIRE_FALSE(state_type<int&>);
  STATIC_REQUIRE_FALSE(state_type<const int>);
  STATIC_REQUIRE_FALSE(state_type<void>);
  STATIC_REQUIRE_FALSE(state_type<void (*)()>);
  STATIC_REQUIRE_FALSE(state_type<either>);
  STATIC_REQUIRE_FALSE(state_type<std::unique_ptr<int>>);
  STATIC_REQUIRE_FALSE(state_type<std::shared_ptr<int>>);
  STATIC_REQUIRE_FALSE(state_type<std::vector<std::unique_ptr<int>>>);
  STATIC_REQUIRE_FALSE(state_type<with_pointer>);
  STATIC_REQUIRE_FALSE(state_type<with_view>);
  STATIC_REQUIRE_FALSE(state_type<std::string_view>);
  STATIC_REQUIRE_FALSE(state_type<std::span<int>>);
  STATIC_REQUIRE_FALSE(state_type<span_like>);
  STATIC_REQUIRE_FALSE(state_type<std::function<int()>>);
  STATIC_REQUIRE_FALSE(state_type<std::unordered_map<int, int>>);
  STATIC_REQUIRE_FALSE(state_type<Reading::Reader>);
  STATIC_REQUIRE_FALSE(state_type<Reading::Builder>);
  STATIC_REQUIRE_FALSE(state_type<capnp::Text::Reader>);
  STATIC_REQUIRE_FALSE(state_type<Reading>);
}

TEST_CASE("plain_type_name: the same from every compiler") {
  using weir::detail::plain_type_name;
  CHECK(plain_type_name("f() [with T = watch_airport::storm; string = char]") == "storm");
  CHECK(plain_type_name("f() [T = watch_airport::storm]") == "storm");
  CHECK(plain_type_name("f() [with T = {anonymous}::storm]") == "storm");
  CHECK(plain_type_name("f() [T = (anonymous namespace)::storm]") == "storm");
  CHECK(plain_type_name("f() [with T = main()::storm; int = int]") == "storm");
  CHECK(plain_type_name("f() [T = a::box<std::vector<b::c> >::inner<int>]") == "inner");
}

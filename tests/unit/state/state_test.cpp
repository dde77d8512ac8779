#include <weir/error.hpp>
#include <weir/state.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

using Catch::Contains;

namespace {

struct storms : weir::cell_owner {
  struct storm {
    weir::event_time first, last;
    std::uint32_t departures = 0;
    std::int32_t worst = 0;
  };

  weir::value<storm> open{*this, "open"};
  weir::value<int> tries{*this, "tries", weir::initially(3)};
  weir::value<std::string> label{*this, "label", weir::initially("none")};
  weir::list<std::string> recent{*this, "recent"};
  weir::map<std::string, int> hits{*this, "hits"};
  weir::reduce<std::int64_t> total{*this, "total", std::plus<>{}};
  weir::reduce<double, decltype([](double a, double b) { return std::max(a, b); })> highest{*this, "highest"};
  weir::reduce<std::size_t, std::function<std::size_t(std::size_t, std::string_view)>> length{
      *this, "length", [](std::size_t sum, std::string_view text) { return sum + text.size(); },
      weir::initially(100)};
};

/// A behavior in a handler for key "a".
struct running : storms {
  running() {
    for (auto* cell : cells()) cell->bind(state);
    state.select(1, "a");
  }
  [[nodiscard]] std::size_t keys() const { return state.keys(); }

  weir::keyed_state state;
};

}  // namespace

TEST_CASE("cell_owner: knows its cells in the order of their declaration") {
  storms behavior;
  std::vector<std::string> names;
  for (const auto* cell : behavior.cells()) names.emplace_back(cell->name());
  CHECK(names ==
        std::vector<std::string>{"open", "tries", "label", "recent", "hits", "total", "highest", "length"});
  const auto& hits = behavior.hits.descriptor();
  CHECK(hits.kind == weir::cell_kind::map);
  CHECK(hits.type == "int32");
  CHECK(hits.sub_key_type == "text");
  CHECK(behavior.open.descriptor().type == "storm{event_time, event_time, uint32, int32}");
}

TEST_CASE("cell: names are needed, and different") {
  struct nameless : weir::cell_owner {
    weir::value<int> none{*this, ""};
  };
  CHECK_THROWS_WITH([] { nameless made; }(), Contains("has no name"));
  struct twins : weir::cell_owner {
    weir::value<int> one{*this, "n"};
    weir::value<int> other{*this, "n"};
  } behavior;
  weir::keyed_state state;
  behavior.one.bind(state);
  CHECK_THROWS_WITH(behavior.other.bind(state), Contains("'n' is declared twice"));
}

TEST_CASE("cell: use outside a handler is an error that names it") {
  storms behavior;
  CHECK_THROWS_WITH(behavior.open.get(), Contains("'open'") && Contains("before the instance runs"));
  CHECK_THROWS_WITH(behavior.recent.push_back("x"), Contains("'recent'"));
  running other;
  other.state.deselect();
  CHECK_THROWS_WITH(other.hits["x"], Contains("'hits'") && Contains("outside a handler"));
  CHECK_THROWS_AS(other.open.clear(), weir::failure);
}

TEST_CASE("value: absent, made, set, cleared") {
  running behavior;
  auto& open = behavior.open;
  CHECK_FALSE(open);
  CHECK(open.find() == nullptr);
  CHECK_THROWS_WITH(open->worst = 1, Contains("state cell 'open': this key has none"));
  CHECK_THROWS_AS(*open, weir::failure);
  CHECK(open.value_or(storms::storm{.worst = 7}).worst == 7);
  CHECK(behavior.keys() == 0);

  auto& made = open.get_or([] { return storms::storm{.departures = 1}; });
  made.departures += 1;
  CHECK(open->departures == 2);
  CHECK(&open.get_or([]() -> storms::storm { throw 1; }) == &made);
  CHECK(&open.get() == &made);
  open = storms::storm{.worst = 9};
  CHECK((*open).worst == 9);
  CHECK(made.worst == 9);
  CHECK(behavior.keys() == 1);
  open.clear();
  CHECK_FALSE(open.has_value());
  CHECK(behavior.keys() == 0);
}

TEST_CASE("value: starts where it was declared to") {
  running behavior;
  CHECK(behavior.tries.value_or(8) == 8);
  behavior.tries.get() -= 1;
  CHECK(*behavior.tries == 2);
  CHECK(behavior.label.get() == "none");
  behavior.label = "some";
  CHECK(*behavior.label == "some");
  CHECK(behavior.open.get().departures == 0);
}

TEST_CASE("value: is the key's own") {
  running behavior;
  behavior.tries = 1;
  behavior.state.select(2, "b");
  CHECK_FALSE(behavior.tries);
  behavior.tries = 2;
  behavior.state.select(1, "a");
  CHECK(*behavior.tries == 1);
}

TEST_CASE("value: a maker that throws leaves nothing") {
  running behavior;
  CHECK_THROWS_AS(behavior.open.get_or([]() -> storms::storm { throw std::runtime_error{"no"}; }),
                  std::runtime_error);
  CHECK(behavior.keys() == 0);
}

TEST_CASE("list: grows behind, shrinks in front, and is gone when it is empty") {
  running behavior;
  auto& recent = behavior.recent;
  CHECK(recent.empty());
  CHECK(recent.begin() == recent.end());
  CHECK_THROWS_WITH(recent.front(), Contains("'recent'") && Contains("this key has 0"));
  recent.pop_front();
  CHECK(recent.erase_if([](const std::string&) { return true; }) == 0);
  CHECK(behavior.keys() == 0);

  for (const auto* text : {"a", "b", "c", "d"}) recent.push_back(text);
  CHECK(recent.size() == 4);
  recent.pop_front();
  CHECK(recent.front() == "b");
  CHECK(recent.back() == "d");
  CHECK(recent[1] == "c");
  CHECK_THROWS_WITH(recent[3], Contains("no element 3, this key has 3"));
  recent.insert(recent.begin() + 1, 2, "x");
  CHECK(std::vector<std::string>(recent.begin(), recent.end()) ==
        std::vector<std::string>{"b", "x", "x", "c", "d"});
  CHECK(recent.erase_if([](const std::string& text) { return text == "x"; }) == 2);
  recent.pop_back();
  CHECK(recent.items().size() == 2);
  recent.pop_front();
  recent.pop_front();
  CHECK(recent.empty());
  CHECK(behavior.keys() == 0);
  recent.insert(recent.end(), "e");
  CHECK(recent.front() == "e");
}

TEST_CASE("sliding_vector: does what a deque does") {
  std::mt19937 random{7};
  weir::sliding_vector<std::string> sliding;
  std::deque<std::string> model;
  for (int step = 0; step < 5'000; ++step) {
    const auto dice = random() % 10;
    if (dice < 4) {
      model.push_back(std::to_string(step));
      sliding.push_back(std::to_string(step));
    } else if (dice < 7 && !model.empty()) {
      model.pop_front();
      sliding.pop_front();
    } else if (dice == 7 && !model.empty()) {
      model.pop_back();
      sliding.pop_back();
    } else if (dice == 8) {
      const auto index = random() % (model.size() + 1);
      model.insert(model.begin() + static_cast<std::ptrdiff_t>(index), 2, "in");
      sliding.insert(index, 2, "in");
    } else {
      const auto ends_odd = [](const std::string& text) { return text.back() == '1'; };
      CHECK(sliding.erase_if(ends_odd) == std::erase_if(model, ends_odd));
    }
    REQUIRE(std::equal(sliding.begin(), sliding.end(), model.begin(), model.end()));
  }
}

TEST_CASE("map: sorted, and gone when it is empty") {
  running behavior;
  auto& hits = behavior.hits;
  CHECK(hits.empty());
  CHECK(hits.find("x") == hits.end());
  CHECK_FALSE(hits.contains("x"));
  CHECK(hits.erase("x") == 0);
  CHECK_THROWS_WITH(hits.at("x"), Contains("'hits'"));
  CHECK(behavior.keys() == 0);

  hits["b"] += 2;
  hits.insert_or_assign("a", 1);
  hits["c"] = 3;
  std::string order;
  for (const auto& [path, count] : hits) order += path + std::to_string(count);
  CHECK(order == "a1b2c3");
  CHECK(hits.at(std::string_view{"b"}) == 2);
  CHECK(hits.lower_bound("bb")->first == "c");
  CHECK(hits.erase("b") == 1);
  for (auto at = hits.begin(); at != hits.end();) at = hits.erase(at);
  CHECK(hits.empty());
  CHECK(behavior.keys() == 0);
  hits["z"] = 1;
  CHECK(hits.erase_if([](const auto& item) { return item.second == 1; }) == 1);
  CHECK(behavior.keys() == 0);
}

TEST_CASE("reduce: folds what is added") {
  running behavior;
  CHECK_FALSE(behavior.total);
  CHECK(behavior.total.get() == 0);
  CHECK(behavior.keys() == 0);
  behavior.total.add(4);
  CHECK(behavior.total.add(5) == 9);
  behavior.highest.add(-2.5);
  CHECK(behavior.highest.get() == -2.5);
  behavior.highest.add(-3);
  CHECK(*behavior.highest.find() == -2.5);
  CHECK(behavior.length.get() == 100);
  behavior.length.add("four");
  CHECK(behavior.length.get() == 104);
  behavior.total.clear();
  behavior.highest.clear();
  behavior.length.clear();
  CHECK(behavior.keys() == 0);
}

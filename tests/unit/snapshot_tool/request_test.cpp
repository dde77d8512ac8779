#include "snapshot_tool/request.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using weir::snapshot_tool::command;
using weir::snapshot_tool::parse_request;

namespace {

std::string refused(const std::vector<std::string>& words) {
  const auto asked = parse_request(words);
  return asked.ok() ? "" : asked.failed().message;
}

}  // namespace

TEST_CASE("request: commands, paths and options in any order") {
  const std::vector<std::string> words{"state", "--limit", "5", "snaps/storms", "--operator=storms",
                                       "--key", "DEN"};
  const auto asked = parse_request(words);
  REQUIRE(asked.ok());
  CHECK(asked->what == command::state);
  CHECK(asked->paths == std::vector<std::string>{"snaps/storms"});
  CHECK(asked->operator_name == "storms");
  CHECK(asked->key == "DEN");
  CHECK(asked->limit == 5);
  CHECK_FALSE(asked->json);
  CHECK(parse_request(std::vector<std::string>{"diff", "a", "b", "--json"})->json);
  CHECK(parse_request(std::vector<std::string>{"--help"})->what == command::help);
  CHECK(parse_request(std::vector<std::string>{"ls", "-h"})->what == command::help);
}

TEST_CASE("request: what is wrong is named") {
  CHECK_THAT(refused({}), Catch::Contains("a command is missing"));
  CHECK_THAT(refused({"shwo", "x"}), Catch::Contains("'shwo'; did you mean show?"));
  CHECK_THAT(refused({"show"}), Catch::Contains("show takes PATH"));
  CHECK_THAT(refused({"diff", "a"}), Catch::Contains("diff takes PATH PATH"));
  CHECK_THAT(refused({"state", "a", "--limt", "1"}), Catch::Contains("--limt; did you mean --limit?"));
  CHECK_THAT(refused({"state", "a", "--limit", "many"}), Catch::Contains("--limit is 'many'"));
  CHECK_THAT(refused({"show", "a", "--key", "x"}), Catch::Contains("are for the commands state and diff"));
}

#include "launcher/job_session.hpp"

#include <catch2/catch.hpp>

using namespace weir;
using namespace weir::launcher;

namespace {

graph four_operators() {
  graph job;
  job.name = "j";
  for (const auto& [name, kind] :
       {std::pair{"in", node_kind::source}, std::pair{"parse", node_kind::transform},
        std::pair{"count", node_kind::transform}, std::pair{"out", node_kind::sink}}) {
    job.nodes.emplace_back();
    job.nodes.back().name = name;
    job.nodes.back().kind = kind;
  }
  return job;
}

std::vector<std::uint32_t> parallelism_with(const std::vector<parallelism_choice>& choices) {
  auto job = four_operators();
  REQUIRE(apply_parallelism(job, choices).ok());
  std::vector<std::uint32_t> found;
  for (const auto& node : job.nodes) found.push_back(node.parallelism);
  return found;
}

}  // namespace

TEST_CASE("parallelism: of all transforms, and of one operator over that") {
  CHECK(parallelism_with({}) == std::vector<std::uint32_t>{1, 1, 1, 1});
  CHECK(parallelism_with({{"", 4}}) == std::vector<std::uint32_t>{1, 4, 4, 1});
  CHECK(parallelism_with({{"count", 2}, {"", 4}}) == std::vector<std::uint32_t>{1, 4, 2, 1});
  CHECK(parallelism_with({{"in", 3}, {"out", 2}}) == std::vector<std::uint32_t>{3, 1, 1, 2});
}

TEST_CASE("parallelism: an operator that there is not") {
  auto job = four_operators();
  CHECK(apply_parallelism(job, {{"cuont", 2}}).failed().message ==
        "option --parallelism: job j has no operator 'cuont'; did you mean count?");
  CHECK(apply_parallelism(job, {{"xyzzy", 2}}).failed().message ==
        "option --parallelism: job j has no operator 'xyzzy'; its operators are in, parse, count, out");
}

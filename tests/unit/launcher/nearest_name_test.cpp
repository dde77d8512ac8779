#include "launcher/nearest_name.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using weir::launcher::did_you_mean;
using weir::launcher::nearest_name;

TEST_CASE("nearest name: what was probably meant") {
  const std::vector<std::string> names{"threads",        "parallelism", "progress",
                                       "progress-every", "seed",        "input"};
  CHECK(nearest_name("theads", names) == "threads");
  CHECK(nearest_name("paralelism", names) == "parallelism");
  CHECK(nearest_name("inptu", names) == "input");
  CHECK(nearest_name("progres", names) == "progress");
  CHECK(nearest_name("progress-evry", names) == "progress-every");
  CHECK(nearest_name("para", names) == "parallelism");
  CHECK(nearest_name("xyzzy", names).empty());
  CHECK(nearest_name("", names).empty());
  CHECK(nearest_name("a", {}).empty());
  CHECK(did_you_mean("sed", names, "--") == "; did you mean --seed?");
  CHECK(did_you_mean("xyzzy", names).empty());
}

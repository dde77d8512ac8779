"""The checks of `tools/dev check` find what was planted, and nothing in a clean tree."""

import os
import pathlib
import re
import sys
import tempfile
import tomllib
import unittest

ROOT = pathlib.Path(os.environ.get("WEIR_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(ROOT / "tools" / "check"))

import check_includes  # noqa: E402
import check_sizes  # noqa: E402
import check_words  # noqa: E402
import cxx_text  # noqa: E402
from source_tree import SourceTree  # noqa: E402
from stamps import Stamps  # noqa: E402


class PlantedTree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def plant(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def found(self, check):
        return [str(finding) for finding in check.run(SourceTree(self.root))]

    def assert_finds(self, check, *patterns):
        found = self.found(check)
        self.assertEqual(len(found), len(patterns), found)
        for pattern in patterns:
            self.assertTrue(any(re.search(pattern, line) for line in found), f"{pattern} not in {found}")


class Includes(PlantedTree):
    def test_a_floor_may_use_the_floors_below_it(self):
        self.plant("src/actors/a.cpp", '#include "core/x.hpp"\n#include "operators/y.hpp"\n#include <caf/all.hpp>\n')
        self.plant("src/supervision/b.cpp", "#include <caf/actor.hpp>\n")
        self.plant("tests/unit/core/c.cpp", '#include "supervision/b.hpp"\n#include <caf/all.hpp>\n')
        self.assert_finds(check_includes)

    def test_never_a_floor_above_or_beside_it(self):
        self.plant("src/core/a.cpp", '\n#include "actors/x.hpp"\n')
        self.plant("src/state/b.cpp", '#include "io/y.hpp"\n')
        self.assert_finds(check_includes, r"src/core/a.cpp:2: .*actors is not below core", r"state/b.cpp:1: .*io is not below")

    def test_third_parties_stay_on_their_floors(self):
        self.plant("src/operators/a.cpp", "#include <caf/all.hpp>\n")
        self.plant("src/io/b.cpp", "#include <rocksdb/db.h>\n#include <sys/socket.h>\n")
        self.plant("src/actors/c.cpp", "#include <httplib.h>\n")
        self.assert_finds(check_includes, "operators includes <caf/all.hpp>; only actors and the floors above",
                          "io includes <rocksdb/db.h>; only state may", "actors includes <httplib.h>; only io")

    def test_a_public_header_exposes_no_internals(self):
        self.plant("include/weir/a.hpp", '#include <caf/actor.hpp>\n#include "core/x.hpp"\n#include <spdlog/fwd.h>\n')
        self.assert_finds(check_includes, "<caf/actor.hpp> in a public header", "internal to the floor core",
                          "<spdlog/fwd.h> in a public header", "too heavy for a header")

    def test_a_public_header_belongs_to_the_floor_that_implements_it(self):
        self.plant("include/weir/job.hpp", "#include <weir/time.hpp>\n")
        self.plant("include/weir/weir.hpp", "#include <weir/job.hpp>\n")
        self.plant("src/supervision/job.cpp", "#include <weir/job.hpp>\n")
        self.plant("src/core/a.cpp", "#include <weir/weir.hpp>\n#include <weir/time.hpp>\n")
        self.assert_finds(check_includes, r"core/a.cpp:1: .*belongs to supervision .*through <weir/job.hpp>")

    def test_examples_see_what_an_author_sees(self):
        self.plant("examples/a/a.cpp", '#include <weir/weir.hpp>\n#include "a.capnp.h"\n#include "io/x.hpp"\n')
        self.assert_finds(check_includes, "internal to the floor io")

    def test_headers_are_named_not_located(self):
        self.plant("src/io/a.cpp", '#include "../core/x.hpp"\n#include "weir/error.hpp"\n')
        self.assert_finds(check_includes, "is a path, not a name", "public header in quotes")

    def test_the_table_says_what_the_build_says(self):
        floors = tomllib.loads((ROOT / "tools/check/floors.toml").read_text())["floors"]
        build = (ROOT / "CMakeLists.txt").read_text()
        for floor, folder, uses in re.findall(r"weir_add_floor\(\s*(\w+)\s+FOLDER (\S+)\s+USES ([a-z ]+?)\s*[A-Z)]", build):
            self.assertEqual(folder, floors[floor]["folder"])
            self.assertEqual([name for name in uses.split() if name != "schemas"], floors[floor]["uses"], floor)


class Sizes(PlantedTree):
    def test_long_files_and_full_folders(self):
        self.plant("src/io/a.cpp", "int x;\n" * 601)
        self.plant("src/io/a.hpp", "int x;\n" * 401)
        self.plant("tests/unit/io/a.cpp", "int x;\n" * 700)
        for number in range(41):
            self.plant(f"include/weir/h{number}.hpp", "int x;\n")
        self.assert_finds(check_sizes, "a.cpp:601: 601 lines, at most 600", "a.hpp:401: 401 lines", "41 files in one folder")

    def test_long_functions(self):
        self.plant("src/io/a.cpp", "int x;\nstruct s {\n  int f(int a) const noexcept {\n" + "    ++x;\n" * 69 + "  }\n};\n")
        self.assert_finds(check_sizes, r"a.cpp:3: `int f\(int a\) const noexcept` has 71 lines, at most 70")


class Functions(unittest.TestCase):
    def heads(self, text):
        return [(function.head, function.first_line, function.lines) for function in cxx_text.functions(text)]

    def test_what_a_function_is(self):
        text = """
namespace weir {
enum class state { open };
class a final : public b<int(int)> {
 public:
  explicit a(int x) : x_{x}, y_{1} {
    go();
  }
  template <class T>
    requires record<T>
  auto f(T t) -> decltype(t) {
    if (t) { x(); } else { y(); }
    auto g = [&](int i) { return i; };
    return s{1, "}{"};
  }
  int x_{0};
};
const auto table = std::array{f(1), g({2})};
auto lambda = [](int i) {
  return i;
};
[[nodiscard]] bool operator==(const a&, const a&) noexcept { return '}' == '{'; }
}
"""
        self.assertEqual([(line, lines) for _, line, lines in self.heads(text)], [(6, 3), (9, 7), (19, 3), (22, 1)])

    def test_test_cases_are_no_functions(self):
        self.assertEqual(self.heads('TEST_CASE("a: b") {\n  SECTION("c") { x(); }\n}\nint f() { return 1; }\n'),
                         [("int f()", 4, 1)])

    def test_text_that_is_not_code(self):
        text = 'int f() {\n  return R"x({{{)x"[1\'000] + \'"\';  // {\n#define A {\n}\nint g() { return 1; }\n'
        self.assertEqual([line for _, line, _ in self.heads(text)], [1, 5])


class Words(PlantedTree):
    def test_names_and_words(self):
        self.plant("src/io/utils.cpp", "int x;\n")
        self.plant("src/io/a.hpp", "int x;\n")
        self.plant("src/io/b.cpp", "// TO" "DO: later\n// TO" "DO(ann): batch it\nusing namespace std;\n")
        self.plant("src/io/c.cpp", "auto t = std::chrono::steady_clock::now();\n// steady_clock::now() in words\n")
        self.plant("src/core/d.cpp", "auto t = std::chrono::steady_clock::now();\n")
        self.plant("src/core/e.cpp", "int x;  // NO" "LINT\nint y;  // NO" "LINT(bugprone-x): it is meant\n")
        self.assert_finds(check_words, "`utils` says nothing", "no `#pragma once`", r"b.cpp:1: .*nobody owns",
                          "b.cpp:3: `using namespace std`", "c.cpp:1: .*from the air", r"e.cpp:1: .*silenced without")


class StampedFiles(PlantedTree):
    def test_content_is_remembered_not_time(self):
        stamps = Stamps(self.root / "stamps.json")
        self.assertFalse(stamps.is_clean("format", "a.cpp", "1"))
        stamps.set_clean("format", "a.cpp", "1")
        stamps.save()
        stamps = Stamps(self.root / "stamps.json")
        self.assertTrue(stamps.is_clean("format", "a.cpp", "1"))
        self.assertFalse(stamps.is_clean("format", "a.cpp", "2"))


if __name__ == "__main__":
    unittest.main()

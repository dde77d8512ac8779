"""A floor uses the floors below it, never one above or beside it; see floors.toml."""

import pathlib
import re
import tomllib

from source_tree import Finding

_INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)
_AUTHOR_FOLDERS = ("include/", "examples/")


def run(tree, rules=None):
    rules = rules or tomllib.loads((pathlib.Path(__file__).parent / "floors.toml").read_text())
    includes = _Includes(tree, rules)
    return [finding for name in tree.cxx_files for finding in includes.of(name)]


class Tower:
    def __init__(self, rules):
        self._floors = rules["floors"]

    def floor_of(self, name):
        for floor, place in self._floors.items():
            if name.startswith(place["folder"] + "/"):
                return floor
        return None

    def floor_of_include(self, included):
        """The floor of an internal header as it is written: "core/x.hpp" or "launcher/x.hpp"."""
        prefix = included.split("/", 1)[0]
        return prefix if "/" in included and prefix in self._floors else None

    def may_use(self, floor):
        allowed = {floor}
        for lower in self._floors[floor]["uses"]:
            allowed |= self.may_use(lower)
        return allowed

    def __iter__(self):
        return iter(self._floors)


class _Includes:
    def __init__(self, tree, rules):
        self._tree = tree
        self._rules = rules
        self._tower = Tower(rules)
        self._sources_by_stem = {}
        for name in tree.files:
            if name.endswith(".cpp"):
                self._sources_by_stem.setdefault(pathlib.PurePosixPath(name).stem, []).append(name)

    def of(self, name):
        floor = self._tower.floor_of(name)
        for line, mark, included in includes_of(self._tree.text(name)):
            for what, next_step in self._judge(name, floor, mark, included):
                yield Finding(name, line, what, next_step)

    def _judge(self, name, floor, mark, included):
        if included.startswith("../") or "/../" in included:
            yield f'"{included}" is a path, not a name', "write it from src/, as \"core/x.hpp\", or as <weir/x.hpp>"
        if mark == '"' and included.startswith("weir/") and included.endswith(".hpp"):
            yield f'public header in quotes: "{included}"', f"write <{included}>"
        if name.endswith(".hpp") and starts_with_any(included, self._rules["headers"]["forbidden"]):
            yield f"<{included}> is too heavy for a header", "include it in the .cpp and declare what you need"
        if name.startswith(_AUTHOR_FOLDERS):
            yield from self._judge_author(name, included)
        elif floor:
            yield from self._judge_floor(floor, included)

    def _judge_author(self, name, included):
        if lower := self._tower.floor_of_include(included):
            yield (f'"{included}" is internal to the floor {lower}',
                   "what an author includes needs only <weir/...>: make it public or hide it behind a seam")
        if name.startswith("include/") and starts_with_any(included, self._rules["public"]["forbidden"]):
            yield f"<{included}> in a public header", "keep it in src/, behind an interface"

    def _judge_floor(self, floor, included):
        allowed = self._tower.may_use(floor)
        used = self._tower.floor_of_include(included)
        if used and used not in allowed:
            yield (f'{floor} includes "{included}": {used} is not below {floor}',
                   f"{floor} may use: {', '.join(sorted(allowed - {floor})) or 'no other floor'}; move the code down or pass it in")
        if included.startswith("weir/") and included.endswith(".hpp"):
            for needed, reason in sorted(self._floors_of_public(included).items()):
                if needed not in allowed:
                    yield (f"{floor} includes <{included}>, which belongs to {needed} ({reason})",
                           "split the header, move the code up, or tell its floor in tools/check/floors.toml")
        for rule in self._rules["third_party"]:
            if starts_with_any(included, rule["headers"]) and not self._is_open(floor, rule):
                yield (f"{floor} includes <{included}>; only {', '.join(rule['floors'])}"
                       f"{' and the floors above' if rule.get('above') else ''} may", "put it behind an interface there")

    def _is_open(self, floor, rule):
        if floor in rule["floors"]:
            return True
        return rule.get("above", False) and bool(self._tower.may_use(floor) & set(rule["floors"]))

    def _floors_of_public(self, included, seen=()):
        """The floors that <weir/...> needs, each with the reason."""
        told = self._rules["public_headers"].get(included.removeprefix("weir/"))
        if told:
            return {told: "told in floors.toml"}
        needed = {}
        stem = pathlib.PurePosixPath(included).stem
        for floor in self._tower:
            for source in self._sources_by_stem.get(stem, ()):
                if self._tower.floor_of(source) == floor:
                    needed[floor] = f"implemented by {source}"
        header = f"include/{included}"
        if header in self._tree.files and included not in seen:
            for _, _, inner in includes_of(self._tree.text(header)):
                if inner.startswith("weir/") and inner.endswith(".hpp"):
                    for floor, reason in self._floors_of_public(inner, (*seen, included)).items():
                        needed.setdefault(floor, f"through <{inner}>: {reason}" if "through" not in reason else reason)
        return needed


def includes_of(text):
    for found in _INCLUDE.finditer(text):
        yield text.count("\n", 0, found.start(2)) + 1, found.group(1), found.group(2)


def starts_with_any(included, prefixes):
    return any(included.startswith(prefix) if prefix.endswith("/") else included == prefix for prefix in prefixes)

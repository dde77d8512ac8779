"""Small rules about names and words."""

import pathlib
import re

import cxx_text
from source_tree import Finding

_EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "base", "impl"}
_UNOWNED = re.compile(r"\b(?:FIXME|XXX|HACK)\b|\bTODO\b(?!\([a-z][\w.-]*\):)")
_UNEXPLAINED_LINT = re.compile(r"\bNOLINT\w*\b(?!\([\w.,\- ]+\)\s*:\s*\S)(?!END)")
_TEXT_SUFFIXES = (".cpp", ".hpp", ".capnp", ".py", ".cmake", ".txt", ".toml", ".sh")

# Time and chance are passed in, or a simulation cannot replay them.
_AMBIENT = re.compile(
    r"\b(?:system_clock|steady_clock|high_resolution_clock)::now\b|\brandom_device\b|\bs?rand\(|\btime\(\s*(?:NULL|nullptr|0)\s*\)"
)
_AMBIENT_ALLOWED = ("src/core/", "tools/", "tests/", "bench/", "examples/")


def run(tree):
    findings = []
    for name in tree.files:
        path = pathlib.PurePosixPath(name)
        if path.suffix in (*_TEXT_SUFFIXES, "") and path.stem in _EMPTY_NAMES:
            findings.append(Finding(name, 1, f"the name `{path.stem}` says nothing", "name it after its main type"))
        if name.startswith("tools/check/"):
            continue
        if path.suffix in _TEXT_SUFFIXES:
            findings += _each_line(tree, name, _UNOWNED, "an unfinished spot that nobody owns",
                                   "finish it, file an issue, or write `TODO(name): what`")
        if path.suffix in (".cpp", ".hpp"):
            findings += _cxx(tree, name)
    return findings


def _cxx(tree, name):
    text = tree.text(name)
    if name.endswith(".hpp") and "#pragma once" not in text:
        yield Finding(name, 1, "no `#pragma once`", "write it as the header's first line of code")
    yield from _each_line(tree, name, _UNEXPLAINED_LINT, "a lint is silenced without name and reason",
                          "write `NOLINT(check-name): reason`")
    for number, line in enumerate(cxx_text.without_comments(text).splitlines(), 1):
        if re.search(r"\busing namespace std\s*;", line):
            yield Finding(name, number, "`using namespace std`", "name what is meant")
        if not name.startswith(_AMBIENT_ALLOWED) and (found := _AMBIENT.search(line)):
            yield Finding(name, number, f"`{found.group()}` takes time or chance from the air",
                          "take a clock or a generator as a parameter, so that a simulation can replay it")


def _each_line(tree, name, pattern, what, next_step):
    for number, line in enumerate(tree.lines(name), 1):
        if found := pattern.search(line):
            yield Finding(name, number, f"`{found.group()}`: {what}", next_step)

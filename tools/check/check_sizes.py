"""Files, folders and functions that a person can still hold in mind."""

import collections
import pathlib

import cxx_text
from source_tree import Finding

FILE_LINES_MAX = {".cpp": 600, ".hpp": 400}
TEST_FILE_LINES_MAX = 700
FUNCTION_LINES_MAX = 70
FOLDER_FILES_MAX = 40
_FOLDERS = ("include/", "src/", "tools/", "tests/", "examples/", "bench/", "schemas/")


def run(tree):
    findings = []
    folders = collections.Counter()
    for name in tree.files:
        if name.startswith(_FOLDERS):
            folders[str(pathlib.PurePosixPath(name).parent)] += 1
    for folder, count in sorted(folders.items()):
        if count > FOLDER_FILES_MAX and "/data" not in folder:
            findings.append(Finding(folder, 1, f"{count} files in one folder, at most {FOLDER_FILES_MAX}",
                                    "split it by what its files are about"))
    for name in tree.cxx_files:
        findings += _file(tree, name)
    return findings


def _file(tree, name):
    lines = len(tree.lines(name))
    limit = TEST_FILE_LINES_MAX if name.startswith("tests/") else FILE_LINES_MAX[pathlib.PurePosixPath(name).suffix]
    if lines > limit:
        yield Finding(name, limit + 1, f"{lines} lines, at most {limit}",
                      "this needs a redesign, not an exemption: which second thing does it do?")
    for function in cxx_text.functions(tree.text(name)):
        if function.lines > FUNCTION_LINES_MAX:
            yield Finding(name, function.first_line,
                          f"`{_short(function.head)}` has {function.lines} lines, at most {FUNCTION_LINES_MAX}",
                          "split it into steps with names of their own")


def _short(head):
    return head if len(head) <= 60 else head[:57] + "..."

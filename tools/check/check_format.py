"""clang-format has nothing to change."""

import re
import shutil
import subprocess

from source_tree import Finding

# Versions differ in what they make of the same rules, so there is one; 14, Debian 12's default, mangles concepts.
_PROGRAM = "clang-format-16"


def run(tree, stamps, fix=False):
    if not shutil.which(_PROGRAM):
        return [Finding(".clang-format", 1, f"{_PROGRAM} is not installed", "run `tools/dev check`, which installs it")]
    version = subprocess.run([_PROGRAM, "--version"], capture_output=True, text=True).stdout
    salt = version + tree.text(".clang-format")
    digests = {name: tree.digest(name, salt=salt) for name in tree.cxx_files}
    unknown = [name for name, digest in digests.items() if not stamps.is_clean("format", name, digest)]
    if fix and unknown:
        subprocess.run([_PROGRAM, "-i", *unknown], cwd=tree.root, check=True)
        return []
    findings = []
    for start in range(0, len(unknown), 50):
        findings += _dry_run(tree, unknown[start : start + 50])
    dirty = {finding.path for finding in findings}
    for name in unknown:
        if name not in dirty:
            stamps.set_clean("format", name, digests[name])
    return findings


def _dry_run(tree, names):
    output = subprocess.run([_PROGRAM, "--dry-run", *names], cwd=tree.root, capture_output=True, text=True).stderr
    first_lines = {}
    for found in re.finditer(r"^(.+?):(\d+):\d+: (?:warning|error): code should be clang-formatted", output, re.MULTILINE):
        first_lines.setdefault(found.group(1), int(found.group(2)))
    return [Finding(name, line, "not formatted as .clang-format says", "run `tools/dev check --fix`")
            for name, line in sorted(first_lines.items())]

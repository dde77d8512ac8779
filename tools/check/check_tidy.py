"""clang-tidy over what changed, or over everything."""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess

from source_tree import Finding

# 14, Debian 12's default, cannot parse <ranges> of its own C++ library.
_PROGRAM = "clang-tidy-16"
_ARGUMENTS = ["--quiet", "--extra-arg=-w"]  # the compiler's own warnings are g++'s business


def run(tree, stamps, build, everything, say):
    if not shutil.which(_PROGRAM):
        return [Finding(".clang-tidy", 1, f"{_PROGRAM} is not installed", "run `tools/dev check`, which installs it")]
    compiled = _compiled_sources(tree, build)
    sources = sorted(compiled if everything else compiled & tree.changed_files())
    version = subprocess.run([_PROGRAM, "--version"], capture_output=True, text=True).stdout
    salt = version + tree.text(".clang-tidy")
    used = _headers_by_source(tree, build)
    digests = {name: tree.digest(name, *used.get(name, ()), salt=salt) for name in sources}
    unknown = [name for name in sources if not stamps.is_clean("tidy", name, digests[name])]
    findings = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {pool.submit(_one, tree, build, name): name for name in unknown}
        for count, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            say(f"tidy {count}/{len(jobs)} {jobs[job]}")
            if found := job.result():
                findings.update(found)
            else:
                stamps.set_clean("tidy", jobs[job], digests[jobs[job]])
    return sorted(findings, key=lambda finding: (finding.path, finding.line))


def _compiled_sources(tree, build):
    commands = json.loads((build / "compile_commands.json").read_text())
    names = {os.path.relpath(command["file"], tree.root) for command in commands}
    return {name for name in names if name in set(tree.cxx_files)}


def _headers_by_source(tree, build):
    """The project's own headers that the last build of each source read, as ninja recorded them."""
    output = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], capture_output=True, text=True).stdout
    used = {}
    for block in output.split("\n\n"):
        paths = [os.path.relpath((build / line.strip()).resolve(), tree.root) for line in block.splitlines()[1:]]
        own = [path for path in paths if not path.startswith("../")]
        if own:
            used.setdefault(own[0], set()).update(own[1:])
    return {name: sorted(headers) for name, headers in used.items()}


def _one(tree, build, name):
    command = [_PROGRAM, "-p", str(build), *_ARGUMENTS, name]
    output = subprocess.run(command, cwd=tree.root, capture_output=True, text=True).stdout
    findings = []
    for found in re.finditer(r"^(.+?):(\d+):\d+: (?:warning|error): (.+?) \[([\w.,-]+)\]$", output, re.MULTILINE):
        path = os.path.relpath(pathlib.Path(found.group(1)), tree.root)
        if path.startswith("../"):
            continue  # clang 16 rejects two comparisons in a header of Cap'n Proto 0.9 that nobody calls
        check = found.group(4).removesuffix(",-warnings-as-errors")
        findings.append(Finding(path, int(found.group(2)), f"{found.group(3)} [{check}]",
                                f"change it, or silence it with `NOLINT({check}): reason`"))
    return findings

"""Every header compiles by itself: the build target headers_alone (cmake/weir_headers_alone.cmake)."""

import os
import re
import subprocess

from source_tree import Finding


def run(tree, build, jobs):
    command = ["ninja", "-C", str(build), "-k", "0", "-j", str(jobs), "headers_alone"]
    run_ = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run_.returncode == 0:
        return []
    findings = {}
    for block in re.split(r"^FAILED: ", run_.stdout, flags=re.MULTILINE)[1:]:
        header = re.search(r"headers_alone/(\S+?\.hpp)\.cpp", block)
        error = re.search(r"^(\S+?):(\d+):(?:\d+:)? (?:fatal )?error: (.+)$", block, re.MULTILINE)
        if header and error:
            place = os.path.relpath(os.path.normpath(build / error.group(1)), tree.root)
            what = f"{header.group(1)} does not compile alone: {error.group(3)}"
            findings.setdefault(header.group(1), Finding(place, int(error.group(2)), what,
                                                         "include what it uses, or declare it"))
    if not findings:
        tail = "\n".join(run_.stdout.splitlines()[-15:])
        return [Finding("CMakeLists.txt", 1, f"the target headers_alone failed:\n{tail}", "build it by hand")]
    return list(findings.values())

#!/usr/bin/env python3
"""Compares examples/*/expected with what the oracles compute now, or writes it anew.

Usage: expected.py [--write]

Exits with 1 and names the files that differ. Also holds that examples/log_alerts/data/make.py writes the logs that
are in the tree. Takes about 15 s; no build is needed. A .jsonl.zst is compressed; a .sha256 stands for an output that
is too large to keep, and its first lines are in the .head.jsonl beside it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

import json_lines

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
EXAMPLES = os.path.join(TREE, "examples")
STORMS = "delay_storms/data/"
LOGS = ["log_alerts/data/access.log", "log_alerts/data/auth.log"]
JANUARY = STORMS + "flights-2001-01.csv.zst"
HEAD_LINES = 20

# What is expected, under examples/: the oracle and its arguments.
OUTPUTS = {
    "delay_storms/expected/edges.storms.jsonl": ["delay_storms.py", STORMS + "edges.csv"],
    "delay_storms/expected/sample.storms.jsonl": ["delay_storms.py", STORMS + "sample.csv"],
    "delay_storms/expected/flights-2001-01.storms.jsonl.zst": ["delay_storms.py", JANUARY],
    "route_board/expected/edges.board.jsonl": ["route_board.py", "board", "route_board/data/edges.csv"],
    "route_board/expected/edges.late.jsonl": ["route_board.py", "late", "route_board/data/edges.csv"],
    "route_board/expected/sample.board.jsonl": ["route_board.py", "board", STORMS + "sample.csv"],
    "route_board/expected/sample.late.jsonl": ["route_board.py", "late", STORMS + "sample.csv"],
    "route_board/expected/sample-1h.board.jsonl": ["route_board.py", "board", STORMS + "sample.csv", "1"],
    "route_board/expected/sample-1h.late.jsonl.zst": ["route_board.py", "late", STORMS + "sample.csv", "1"],
    "route_board/expected/flights-2001-01.board.sha256": ["route_board.py", "board", JANUARY],
    "route_board/expected/flights-2001-01.late.jsonl.zst": ["route_board.py", "late", JANUARY],
    "log_alerts/expected/alerts.jsonl": ["log_alerts.py", "alerts", *LOGS],
    "log_alerts/expected/paths.jsonl.zst": ["log_alerts.py", "paths", *LOGS],
    "log_alerts/expected/rejected.jsonl": ["log_alerts.py", "rejected", *LOGS],
}


def computed(oracle, *arguments):
    """Arguments that are files under examples/ are found there, wherever this is started."""
    paths = [os.path.join(EXAMPLES, a) if "/" in a else a for a in arguments]
    command = [sys.executable, os.path.join(TREE, "tests", "oracles", oracle), *paths]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def stored_forms(path, content):
    """(path, bytes before compression) of every file that stands for this output."""
    if not path.endswith(".sha256"):
        return [(path, content)]
    name = os.path.basename(path).replace(".sha256", ".jsonl")
    head = b"".join(content.splitlines(keepends=True)[:HEAD_LINES])
    digest = f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()
    return [(path, digest), (path.replace(".sha256", ".head.jsonl"), head)]


def write(path, content):
    if path.endswith(".zst"):
        content = subprocess.run(["zstd", "-19", "-cq"], input=content, check=True, stdout=subprocess.PIPE).stdout
    with open(path, "wb") as file:
        file.write(content)


def differs(path, content):
    return not os.path.exists(path) or json_lines.read_bytes(path) != content


def logs_that_differ():
    with tempfile.TemporaryDirectory() as folder:
        script = shutil.copy(os.path.join(EXAMPLES, "log_alerts", "data", "make.py"), folder)
        subprocess.run([sys.executable, script], check=True)
        for path in (os.path.join(EXAMPLES, log) for log in LOGS):
            if differs(path, json_lines.read_bytes(os.path.join(folder, os.path.basename(path)))):
                yield path


def main():
    if sys.argv[1:] not in ([], ["--write"]):
        raise SystemExit(__doc__)
    wrong = list(logs_that_differ())
    for name, command in OUTPUTS.items():
        for path, content in stored_forms(os.path.join(EXAMPLES, name), computed(*command)):
            if sys.argv[1:]:
                write(path, content)
            elif differs(path, content):
                wrong.append(path)
    for path in wrong:
        print(f"{os.path.relpath(path, TREE)} differs from what is computed now")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

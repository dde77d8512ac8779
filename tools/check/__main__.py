"""The checks behind `tools/dev check`. Python's standard library only."""

import argparse
import os
import pathlib
import sys
import time

import check_format
import check_headers_alone
import check_includes
import check_sizes
import check_tidy
import check_words
from source_tree import SourceTree
from stamps import Stamps


def say(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text[:100]}", end="", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(prog="tools/dev check")
    depth = parser.add_mutually_exclusive_group()
    depth.add_argument("--fast", action="store_true", help="all but clang-tidy")
    depth.add_argument("--full", action="store_true", help="clang-tidy on every source, not only on changed ones")
    parser.add_argument("--fix", action="store_true", help="format in place")
    parser.add_argument("--build", type=pathlib.Path, help="a configured build folder; without it nothing is compiled")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    arguments = parser.parse_args()

    tree = SourceTree(arguments.root)
    build = arguments.build.resolve() if arguments.build else None
    stamps = Stamps(tree.root / "build" / "check-stamps.json")
    checks = {
        "words": lambda: check_words.run(tree),
        "sizes": lambda: check_sizes.run(tree),
        "includes": lambda: check_includes.run(tree),
        "format": lambda: check_format.run(tree, stamps, arguments.fix),
    }
    if build:
        checks["headers alone"] = lambda: check_headers_alone.run(tree, build, arguments.jobs)
        if not arguments.fast:
            checks["tidy"] = lambda: check_tidy.run(tree, stamps, build, arguments.full, say)

    findings = 0
    for name, run in checks.items():
        started = time.monotonic()
        say(f"checking {name}")
        found = list(run())
        say("")
        for finding, following in zip(found, found[1:] + [None]):
            print(finding)
            if following is None or following.next_step != finding.next_step:
                print(f"    {finding.next_step}")
        seconds = time.monotonic() - started
        print(f"check {name}: {'ok' if not found else f'{len(found)} findings'} ({seconds:.1f} s)", flush=True)
        findings += len(found)
        stamps.save()
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

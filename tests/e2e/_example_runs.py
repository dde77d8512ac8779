"""Runs of the examples' executables, each in a folder of its own, and what they left behind.

WEIR_BUILD_DIR names the build, WEIR_SOURCE_DIR the project's folder.
"""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
EXAMPLES = SOURCE / "examples"
TIMEOUT_S = 300


def executable(name, folder="examples"):
    build = os.environ.get("WEIR_BUILD_DIR")
    if not build:
        raise SystemExit("WEIR_BUILD_DIR must name the folder of the build whose examples are to be run")
    return pathlib.Path(build).resolve() / folder / name / name


def options(given):
    """`on_bad_record="fail"` as `--on-bad-record fail`; a list gives the option once for each of its values."""
    words = []
    for name, value in given.items():
        for one in value if isinstance(value, (list, tuple)) else [value]:
            words += ["--" + name.replace("_", "-"), str(one)]
    return words


def decompressed(path):
    """The content of a file, which the `zstd` command takes apart if its name ends in .zst."""
    if path.suffix != ".zst":
        return path.read_bytes()
    return subprocess.run(["zstd", "-dcq", path], check=True, stdout=subprocess.PIPE).stdout


class Outcome:
    """How a run ended: `code` (negative: a signal), `out`, `err`, and a bound of its peak of resident memory: `peak_bytes`.

    The system counts what the test itself had when it started the run, so tests should stay small.
    """

    def __init__(self, code, out, err, peak_bytes):
        self.code = code
        self.out = out
        self.err = err.decode(errors="replace")
        self.peak_bytes = peak_bytes

    @property
    def summary(self):
        """What --summary json said; None if the job was refused before it ran."""
        last = self.err.rstrip("\n").rpartition("\n")[2]
        return json.loads(last) if last.startswith('{"job"') else None

    @property
    def message(self):
        """What the failure is called in the summary, or all of standard error if the job was refused."""
        return self.summary["failure"]["message"] if self.summary else self.err

    def operator(self, name):
        return next(one for one in self.summary["operators"] if one["name"] == name)

    def __str__(self):
        return f"exit code {self.code}, standard error:\n{self.err}"


def wait_for(process):
    """(exit code, peak of resident bytes) of a process that is ending; kills it after TIMEOUT_S."""
    signal.signal(signal.SIGALRM, lambda *_: process.kill())
    signal.alarm(TIMEOUT_S)
    _, status, usage = os.wait4(process.pid, 0)
    signal.alarm(0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * 1024


class ExampleTest(unittest.TestCase):
    """`self.folder` is empty, belongs to the test and is the working folder of its runs."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_example(self, name, *, prefix=(), stdin=None, preexec=None, command=None, **given):
        """The job with `--summary json` and the options given; `prefix` are the words of a command around it."""
        words = [*prefix, command or executable(name), *options({"summary": "json", **given})]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(words, cwd=self.folder, stdin=stdin or subprocess.DEVNULL, stdout=out, stderr=err,
                                       preexec_fn=preexec)
            code, peak_bytes = wait_for(process)
            out.seek(0)
            err.seek(0)
            return Outcome(code, out.read(), err.read(), peak_bytes)

    def assert_ended(self, outcome, code):
        self.assertEqual(outcome.code, code, outcome)

    def files_in(self, folder):
        """The names of everything in a folder of the test, also of hidden files; none where there is no folder."""
        path = self.folder / folder
        return sorted(os.listdir(path)) if path.exists() else []

    def dead_letters(self, path):
        with open(self.folder / path, "rb") as file:
            return [json.loads(line) for line in file]


def lines_of(paths):
    """All lines of some files as `LC_ALL=C sort` leaves them."""
    return b"".join(sorted(line for path in paths for line in path.read_bytes().splitlines(keepends=True)))

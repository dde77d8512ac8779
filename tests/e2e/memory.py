"""A sink that is slower than everything before it: memory stays bounded, nothing is lost, and the job says who is slow.

Usage: memory.py [INPUT_BYTES]; 150 MB if not given. 2000000000 takes some minutes and 2 GB in the temporary folder.
"""

import json
import os
import re
import select
import subprocess
import sys
import time
import unittest

from _example_runs import EXAMPLES, ExampleTest, Outcome, executable, options, wait_for

SAMPLE = EXAMPLES / "delay_storms" / "data" / "sample.csv"
JANUARY = EXAMPLES / "delay_storms" / "data" / "flights-2001-01.csv.zst"
INPUT_BYTES = int(sys.argv.pop(1)) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 150_000_000
LIMIT_BYTES = 256 << 20
# What AddressSanitizer keeps of freed memory, by default as much as the limit. It means nothing to other builds.
SANITIZER = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=8"}
# A line of progress while nobody reads.
BLAMED = r"(?m)^route-board .* 0/s .* backpressure from late$"
# Later than all others: they are late, and each becomes a line of 170 bytes.
FIRST_ROW = b"2001-12-31T00:00,0,184,JFK,BWI\n"


class SlowSink(ExampleTest):
    def many_flights(self):
        """Writes about INPUT_BYTES of flights; returns their number."""
        header, *rows = SAMPLE.read_bytes().splitlines(keepends=True)
        block = b"".join(rows)
        copies = INPUT_BYTES // len(block)
        with open(self.folder / "flights.csv", "wb") as file:
            file.write(header + FIRST_ROW)
            for _ in range(copies):
                file.write(block)
        return 1 + copies * len(rows)

    def run_into_slow_pipe(self, read, **given):
        """route_board with its output read by `read(file descriptor)`."""
        given = {"output": "-", "summary": "json", "progress": "on", "progress_every": "200ms", **given}
        with open(self.folder / "stderr", "w+b") as err:
            process = subprocess.Popen([executable("route_board"), *options(given)], cwd=self.folder, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=err, env={**os.environ, **SANITIZER})
            try:
                read(process.stdout.fileno())
            finally:
                process.stdout.close()
                code, peak_bytes = wait_for(process)
            err.seek(0)
            return Outcome(code, b"", err.read(), peak_bytes)

    def test_memory_is_bounded_and_backpressure_has_a_name(self):
        flights = self.many_flights()
        lines = 0

        def read(output):
            nonlocal lines
            gone = select.poll()
            gone.register(output, select.POLLHUP)
            # not at all, until that shows
            while not re.search(BLAMED, (self.folder / "stderr").read_text(errors="replace")) and not gone.poll(50):
                continue
            for _ in range(100):  # then slowly
                time.sleep(0.01)
                lines += os.read(output, 1 << 16).count(b"\n")
            while chunk := os.read(output, 1 << 20):
                lines += chunk.count(b"\n")

        outcome = self.run_into_slow_pipe(read, input="flights.csv", bound="1h")
        self.assert_ended(outcome, 0)
        print(f"{INPUT_BYTES / 1e6:.0f} MB of input, {outcome.operator('late')['bytesOut'] / 1e6:.0f} MB of output: "
              f"peak {outcome.summary['peakResidentBytes'] / 1e6:.0f} MB", file=sys.stderr)
        self.assertLess(outcome.peak_bytes, LIMIT_BYTES)
        self.assertEqual((outcome.summary["recordsRead"], lines), (flights, flights), "records read, lines written")
        self.assertRegex(outcome.err, BLAMED)
        blamed = {one["by"]: one for one in outcome.summary["backpressure"]}
        self.assertIn("late", blamed, outcome)
        self.assertGreater(blamed["late"]["share"], 0)

    def test_lines_of_two_outputs_stay_whole(self):
        boards = late = flights = 0

        def read(output):
            nonlocal boards, late, flights
            time.sleep(1)
            with open(output, "rb", closefd=False) as file:
                for line in map(json.loads, file):
                    is_late = "watermark" in line
                    late += is_late
                    boards += not is_late
                    flights += 1 if is_late else line["flights"]

        outcome = self.run_into_slow_pipe(read, input=JANUARY, bound="12h", parallelism="late=3")
        self.assert_ended(outcome, 0)
        self.assertEqual((boards, late), tuple(outcome.operator(name)["recordsOut"] for name in ("board", "late")))
        self.assertEqual(flights, outcome.summary["recordsRead"])


class Summary(ExampleTest):
    parent_bytes = 300_000_000
    big_parent = f"import subprocess, sys; big = b'x' * {parent_bytes}; sys.exit(subprocess.call(sys.argv[1:]))"

    def test_memory_of_who_started_it_is_not_its_own(self):
        outcome = self.run_example("route_board", prefix=[sys.executable, "-c", self.big_parent], input=SAMPLE, output="out")
        self.assert_ended(outcome, 0)
        self.assertLess(outcome.summary["peakResidentBytes"], self.parent_bytes / 2)


if __name__ == "__main__":
    unittest.main()

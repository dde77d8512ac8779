"""Every example on all of its inputs: the same bytes as expected/*, whatever the parallelism and the batches."""

import functools
import gzip
import hashlib
import re
import sys
import unittest

from _example_runs import EXAMPLES, SOURCE, ExampleTest, decompressed, lines_of

sys.path.insert(0, str(SOURCE / "tests" / "oracles"))

import delay_storms  # noqa: E402
import flights  # noqa: E402
import log_alerts  # noqa: E402
import route_board  # noqa: E402

FLIGHTS = EXAMPLES / "delay_storms" / "data"
JANUARY = FLIGHTS / "flights-2001-01.csv.zst"
LOGS = EXAMPLES / "log_alerts" / "data"
HOUR = 3_600_000

# What must not change the output. The first is what a user gets who says nothing.
WAYS = [
    {},
    {"parallelism": 1, "threads": 1, "batch_records": 1},
    {"parallelism": 3, "batch_records": 7, "linger": "0us"},
    {"parallelism": 8, "threads": 4, "batch_records": 4096, "channel_window": "64KiB"},
]
WAYS_OF_JANUARY = [{}, {"parallelism": 5, "batch_records": 100, "threads": 2}]


def expected(example, name):
    return decompressed(EXAMPLES / example / "expected" / name)


def computed(records):
    """What an oracle yields, as it is kept in expected/."""
    return b"".join(line + b"\n" for line in sorted(records))


class SameBytes(ExampleTest):
    def assert_gives(self, example, wanted, **given):
        """Runs the example; `wanted` are the sorted lines per output, or their SHA-256."""
        outcome = self.run_example(example, output="out", **given)
        self.assert_ended(outcome, 0)
        self.assertEqual(self.files_in("out"), sorted(f"{name}-0.jsonl" for name in wanted), "only final files")
        for name, lines in wanted.items():
            found = lines_of([self.folder / "out" / f"{name}-0.jsonl"])
            if isinstance(lines, str):
                found = hashlib.sha256(found).hexdigest()
            self.assertEqual(found, lines, f"{name} of {example} with {given}")
        return outcome

    def assert_always_gives(self, example, wanted, ways, **given):
        for way in ways:
            with self.subTest(way=way):
                self.assert_gives(example, wanted, **given, **way)


class DelayStorms(SameBytes):
    def test_small_inputs(self):
        for name in ("edges", "sample"):
            path = FLIGHTS / f"{name}.csv"
            storms = expected("delay_storms", f"{name}.storms.jsonl")
            self.assertEqual(computed(delay_storms.storms(flights.read(str(path)))), storms)
            self.assert_always_gives("delay_storms", {"storms": storms}, WAYS, input=path)

    def test_january(self):
        storms = expected("delay_storms", "flights-2001-01.storms.jsonl.zst")
        self.assert_always_gives("delay_storms", {"storms": storms}, WAYS_OF_JANUARY, input=JANUARY)

    def test_wherever_the_lines_come_from_and_go_to(self):
        storms = expected("delay_storms", "sample.storms.jsonl")
        sample = FLIGHTS / "sample.csv"
        (self.folder / "sample").write_bytes(gzip.compress(sample.read_bytes()))
        self.assert_gives("delay_storms", {"storms": storms}, input="sample")
        with open(sample, "rb") as file:
            outcome = self.run_example("delay_storms", input="-", output="-", stdin=file)
        self.assert_ended(outcome, 0)
        self.assertEqual(b"".join(sorted(outcome.out.splitlines(keepends=True))), storms)

    def test_several_files_are_one_input(self):
        header, *rows = (FLIGHTS / "sample.csv").read_bytes().splitlines(keepends=True)
        for number in range(3):
            part = rows[number * len(rows) // 3:(number + 1) * len(rows) // 3]
            (self.folder / f"part-{number}.csv").write_bytes(header + b"".join(part))
        storms = expected("delay_storms", "sample.storms.jsonl")
        self.assert_always_gives("delay_storms", {"storms": storms}, WAYS[1:2], input="part-*.csv")


class RouteBoard(SameBytes):
    def test_small_inputs(self):
        inputs = {
            "edges": (EXAMPLES / "route_board" / "data" / "edges.csv", 24, "edges.late.jsonl"),
            "sample": (FLIGHTS / "sample.csv", 24, "sample.late.jsonl"),
            "sample-1h": (FLIGHTS / "sample.csv", 1, "sample-1h.late.jsonl.zst"),
        }
        for name, (path, bound, late) in inputs.items():
            wanted = {"board": expected("route_board", f"{name}.board.jsonl"), "late": expected("route_board", late)}
            arrivals = route_board.arrivals(flights.read(str(path)), bound * HOUR)
            self.assertEqual(computed(route_board.board(arrivals)), wanted["board"])
            self.assertEqual(computed(route_board.late(arrivals)), wanted["late"])
            self.assert_always_gives("route_board", wanted, WAYS, input=path, bound=f"{bound}h")

    def test_january(self):
        digest = expected("route_board", "flights-2001-01.board.sha256").split()[0].decode()
        wanted = {"board": digest, "late": expected("route_board", "flights-2001-01.late.jsonl.zst")}
        self.assert_always_gives("route_board", wanted, WAYS_OF_JANUARY, input=JANUARY)


class LogAlerts(SameBytes):
    given = {"access": LOGS / "access.log", "auth": LOGS / "auth.log"}

    def test_outputs(self):
        wanted = {name: expected("log_alerts", file)
                  for name, file in (("alerts", "alerts.jsonl"), ("paths", "paths.jsonl.zst"))}
        hits, bad_hits, failures, bad_failures = self.read_logs()
        self.assertEqual(computed(log_alerts.alerts(hits, failures)), wanted["alerts"])
        self.assertEqual(computed(log_alerts.paths(hits)), wanted["paths"])
        self.assertEqual(computed(log_alerts.json_lines.record(**bad._asdict()) for bad in bad_hits + bad_failures),
                         expected("log_alerts", "rejected.jsonl"))
        self.assert_always_gives("log_alerts", wanted, WAYS, **self.given)

    def test_dead_letters(self):
        _, bad_hits, _, bad_failures = self.read_logs()
        wanted = sorted((bad.input, bad.line, bad.reason) for bad in bad_hits + bad_failures)
        for way in WAYS:
            with self.subTest(way=way):
                outcome = self.run_example("log_alerts", output="out", dead_letters="letters.jsonl", **self.given, **way)
                self.assert_ended(outcome, 0)
                letters = self.dead_letters("letters.jsonl")
                self.assertEqual(sorted(map(self.rejection, letters)), wanted)
                self.assertEqual(outcome.summary["deadLetters"], {"count": len(wanted), "file": "letters.jsonl"})

    @staticmethod
    @functools.cache
    def read_logs():
        access = log_alerts.read(str(LOGS / "access.log"), "access", log_alerts.parse_access, log_alerts.ACCESS_DISORDER)
        auth = log_alerts.read(str(LOGS / "auth.log"), "auth", lambda line: log_alerts.parse_auth(line, 2015),
                               log_alerts.AUTH_DISORDER)
        return *access, *auth

    @staticmethod
    def rejection(letter):
        """(input, line, reason) of a dead letter. A line that a behavior rejects has its number in the record."""
        source = re.match("access|auth", letter["operator"]).group()
        if letter["error"] == "record_rejected":
            line = re.search(r"line = (\d+)\)$", letter["content"]).group(1)
        else:
            line = re.search(rf"/{source}\.log:(\d+)$", letter["position"]).group(1)
        reason = "not UTF-8" if letter["reason"].startswith("invalid UTF-8 at byte ") else letter["reason"]
        return source, int(line), reason


if __name__ == "__main__":
    unittest.main()

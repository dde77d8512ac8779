"""The queries of NEXMARK: the same results as an independent computation, however they run.

`nexmark.py --large` does the same with more events, in more ways, and kills and resumes jobs; it takes some minutes.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("WEIR_BUILD_DIR") or SOURCE / "build" / "dev")
NEXMARK = BUILD / "bench" / "nexmark" / "nexmark"
sys.path.insert(0, str(SOURCE / "tests" / "oracles"))

import json_lines  # noqa: E402
import nexmark as oracle  # noqa: E402

LARGE = "--large" in sys.argv

# Enough event time for more than a hundred windows: of seconds, and of days.
SECONDS = ["--events", "20k" if LARGE else "12k", "--rate", "10"]
DAYS = ["--events", "20k" if LARGE else "5k", "--rate", "0.002" if LARGE else "0.0005"]
OF_DAYS = {"q10", "q14", "q15", "q16", "q17"}
BY_CLOCK = {"q12"}

# What must not change the results.
WAYS = [
    ["--batch-records", "1", "--threads", "1"],
    ["--parallelism", "4", "--generators", "2", "--batch-records", "4096"],
    ["--parallelism", "2", "--crash-every", "3000", "--snapshot-every", "20ms", "--batch-records", "100"],
]
MORE_WAYS = [
    ["--parallelism", "3", "--generators", "3", "--batch-records", "7", "--channel-window", "64KiB"],
    ["--parallelism", "8", "--threads", "4", "--linger", "0us"],
    ["--crash-every", "200", "--snapshot-every", "5ms", "--batch-records", "20"],
]


def run(*words):
    done = subprocess.run([NEXMARK, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise AssertionError(f"nexmark {' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def lines_in(folder):
    return sorted(line for path in folder.glob("*.jsonl") for line in path.read_bytes().splitlines())


def without_clock(rows):
    """The sums of q12, whose windows depend on the machine's clock."""
    counts = oracle.collections.Counter()
    for row in map(oracle.json.loads, rows):
        counts[row["bidder"]] += row["bidCount"]
    return sorted(json_lines.record(bidder=bidder, bidCount=count) for bidder, count in counts.items())


class SameResults(unittest.TestCase):
    maxDiff = 2000

    def setUp(self):
        if not NEXMARK.exists():
            self.skipTest(f"{NEXMARK} is not built")
        folder = tempfile.TemporaryDirectory(prefix="weir-nexmark-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.queries = [line.split()[0] for line in run("--list").splitlines()]

    def expected(self, queries, events):
        run("--generate", self.folder / "events", *events)
        return {query: oracle.results(query, self.folder / "events") for query in queries}

    def assert_results(self, output, expected, how):
        for query, rows in expected.items():
            found = lines_in(output / query)
            found = without_clock(found) if query in BY_CLOCK else found
            if found != rows:
                wrong = next((pair for pair in zip(found, rows) if pair[0] != pair[1]), None)
                self.fail(f"{query} with {how}: {len(found)} results instead of {len(rows)}; first found, expected: {wrong}")

    def assert_always(self, queries, events, ways):
        expected = self.expected(queries, events)
        for number, way in enumerate(ways):
            output = self.folder / f"out-{number}"
            run(*queries, "--output", output, "--no-loops", *events, *way)
            self.assert_results(output, expected, " ".join([*events, *way]))

    def test_windows_of_seconds(self):
        self.assert_always(self.queries, SECONDS, WAYS + (MORE_WAYS if LARGE else []))

    def test_windows_of_days(self):
        self.assert_always(sorted(OF_DAYS & set(self.queries)), DAYS, WAYS + (MORE_WAYS if LARGE else []))

    def test_schedules(self):
        queries = [query for query in self.queries if query not in BY_CLOCK]
        run(*queries, "--simulate", 300 if LARGE else 3, "--events", 3000 if LARGE else 600, "--rate", 10)

    @unittest.skipUnless(LARGE, "takes a minute")
    def test_killed_and_resumed(self):
        """A process is killed in the middle; another one goes on from its latest snapshot, with more instances."""
        expected = self.expected(self.queries, SECONDS)
        for query in self.queries:
            words = [query, "--output", self.folder / "out", "--snapshots", self.folder / "snapshots", "--no-loops", *SECONDS,
                     "--snapshot-every", "50ms", "--resume", "latest"]
            first = subprocess.Popen([NEXMARK, *map(str, words), "--pace", "1000x", "--generators", "2"],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with self.assertRaises(subprocess.TimeoutExpired):
                first.wait(1)
            first.kill()
            first.wait()
            run(*words, "--parallelism", "3", "--generators", "2")
            self.assertGreater(len(list((self.folder / "snapshots" / query).iterdir())), 0)
        self.assert_results(self.folder / "out", expected, "kill -9 and --resume latest")

    def test_latencies_at_half_of_the_greatest_rate(self):
        report = self.folder / "report.json"
        table = run("q0", "--events", "20k", "--half-rate", "1", "--warm-memory", "1MiB", "--no-loops", "--json", report)
        self.assertIn("p99.9 ms", table)
        result = json.loads(report.read_text())["results"][0]
        self.assertGreater(result["pace"], 0)
        self.assertGreater(result["p99_ms"], 0)
        self.assertEqual(result["results"], result["events_read"])

    def test_a_run_that_only_finds_the_rate_leaves_nothing(self):
        report = self.folder / "report.json"
        run("q0", "--events", "2k", "--half-rate", "1", "--no-loops", "--json", report, "--output", self.folder / "out",
            "--snapshots", self.folder / "snapshots", "--resume", "latest")
        result = json.loads(report.read_text())["results"][0]
        self.assertEqual(len(lines_in(self.folder / "out" / "q0")), result["events_read"])

    def test_wrong_options_are_refused(self):
        for words, says in [(["q99"], "there is no query 'q99'"), (["--rate", "0"], "--rate"), (["--events", "x"], "--events"),
                            (["--half-rate", "1", "--pace", "1x"], "--half-rate")]:
            done = subprocess.run([NEXMARK, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn(says, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[word for word in sys.argv if word != "--large"])

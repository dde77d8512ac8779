"""Jobs whose process is killed at any moment, and that go on from their snapshots: every line once, as if nothing had been.

WEIR_KILLS=200 kills each of them that often; WEIR_SEED chooses other moments.
"""

import gzip
import os
import shutil
import signal
import subprocess
import time
import unittest

from _durable_runs import LOGS, PATIENCE_S, DurableTest, flights, spoilt, ways_to_die

KILLS = int(os.environ.get("WEIR_KILLS", "8"))
SEED = int(os.environ.get("WEIR_SEED", "1"))
KILLS_OF_A_ROUND = 4  # then the job may come to its end, and the next round begins anew


class ProcessDeath(DurableTest):
    def assert_survives(self, name, stems, **given):
        began = time.monotonic()
        wanted = self.reference(name, stems, **given)
        self.assertTrue(all(wanted.values()), "each of them is worth comparing")
        ways = ways_to_die(SEED, time.monotonic() - began, stems)
        kills = self.resumed = 0
        while kills < KILLS:
            kills += self.round_of(name, ways, min(KILLS_OF_A_ROUND, KILLS - kills), given)
            with self.subTest(kills=kills, seed=SEED):
                self.assert_committed(wanted)
                self.assertLessEqual(len(self.snapshots_of(name.replace("_", "-"))), 3, "older ones go")
        self.assertGreater(self.resumed, 0, "it always began at the beginning")
        print(f"{name}: {kills} kills, {self.resumed} times from a snapshot, {time.monotonic() - began:.1f} s")

    def round_of(self, name, ways, kills, given):
        """One job from its beginning to its end; how often it was killed."""
        for left in ("out", "snapshots"):
            shutil.rmtree(self.folder / left, ignore_errors=True)
        (self.folder / "letters").unlink(missing_ok=True)
        done = 0
        while True:
            count, after_s, choices = next(ways)
            job = self.resume(name, dead_letters="letters", **choices, **given)
            if done < kills:
                self.kill_somewhere(job, name.replace("_", "-"), count, after_s)
            code = job.wait(timeout=PATIENCE_S)
            self.resumed += "resumed: from" in self.err()
            if code != -signal.SIGKILL:
                self.assert_exits(job, 0)
                return done
            done += 1

    def kill_somewhere(self, job, name, count, after_s):
        """Behind `count` more snapshots, unless it ends before."""
        last = self.last_epoch(name) + count
        while count > 0 and job.poll() is None and self.last_epoch(name) < last:
            time.sleep(0.001)
        try:
            job.wait(timeout=after_s)
        except subprocess.TimeoutExpired:
            job.kill()

    def last_epoch(self, name):
        there = self.snapshots_of(name)
        return int(there[-1].name.rpartition("-")[2]) if there else 0

    def test_route_board(self):
        (self.folder / "flights.csv.gz").write_bytes(gzip.compress(flights(40_000), 1))
        self.assert_survives("route_board", ["board", "late"], input="flights.csv.gz", bound="1h")

    def test_delay_storms(self):
        (self.folder / "flights.csv").write_bytes(flights(200_000))
        subprocess.run(["zstd", "-q1", "--rm", "flights.csv"], cwd=self.folder, check=True)
        self.assert_survives("delay_storms", ["storms"], input="flights.csv.zst")

    def test_log_alerts(self):
        for name in ("access", "auth"):
            lines = (LOGS / f"{name}.log").read_bytes().splitlines(keepends=True)
            (self.folder / name).write_bytes(b"".join(spoilt(lines)))
        (self.folder / "access").write_bytes(gzip.compress((self.folder / "access").read_bytes()))
        self.assert_survives("log_alerts", ["alerts", "paths"], access="access", auth="auth")


if __name__ == "__main__":
    unittest.main()

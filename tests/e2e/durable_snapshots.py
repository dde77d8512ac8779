"""Snapshots on disk: damaged ones, savepoints, directories that cannot be written, and what `weir snapshot` says of them."""

import json
import random
import signal
import time
import unittest

from _durable_runs import JOB, READINGS, SnapshotTest, flip_a_bit, truncate
from _example_runs import executable


class Damage(SnapshotTest):
    def assert_falls_back(self, damage):
        latest = self.killed_with(3)[-1]
        damage(latest)
        job = self.resume_fast(parallelism=3)
        self.assert_exits(job, 0)
        self.assertRegex(self.err(), rf"(?i)a snapshot is damaged and is passed over.*{latest.name}")
        self.assertRegex(self.err(), "the job goes on from an earlier snapshot: what came after it is done again")
        self.assert_committed(self.wanted)

    @staticmethod
    def state_files(snapshot):
        return sorted(one for one in snapshot.iterdir() if one.name != "manifest")

    def test_manifest_cut_short(self):
        self.assert_falls_back(lambda latest: truncate(latest / "manifest"))

    def test_manifest_with_another_bit(self):
        for at in (0, None):
            with self.subTest(at=at):
                self.begin_anew()
                self.assert_falls_back(lambda latest: flip_a_bit(latest / "manifest", at))

    def test_state_cut_short(self):
        self.assert_falls_back(lambda latest: truncate(self.largest(latest)))

    def test_state_with_another_bit(self):
        self.assert_falls_back(lambda latest: flip_a_bit(self.largest(latest)))

    def test_state_that_is_gone(self):
        self.assert_falls_back(lambda latest: self.largest(latest).unlink())

    def largest(self, snapshot):
        return max(self.state_files(snapshot), key=lambda one: one.stat().st_size)

    def test_all_of_them(self):
        found = self.killed_with(3)
        whole = {}
        for one in found:
            whole[one] = (one / "manifest").read_bytes()
            flip_a_bit(one / "manifest")
        before = {name: (self.folder / "out" / name).read_bytes() for name in self.files_in("out")}
        job = self.resume_fast()
        self.assertEqual(job.wait(timeout=60), 3, self.err())
        self.assertRegex(self.err(), rf"all {len(found)} snapshots of the job are damaged, the latest: .*{found[-1].name}")
        self.assertEqual({name: (self.folder / "out" / name).read_bytes() for name in self.files_in("out")}, before)
        self.assertEqual(self.snapshots_of(JOB), found)
        for one in found:
            (one / "manifest").write_bytes(whole[one])
        self.assert_exits(self.resume_fast(), 0)
        self.assert_committed(self.wanted)


class Savepoints(SnapshotTest):
    def savepoint(self, job):
        self.assert_exits(job, 0)
        self.assertIn("savepoint is complete", self.err())
        found = self.snapshots_of(JOB, "savepoint")
        self.assertEqual(len(found), 1)
        return found[0]

    def test_stops_behind_one_and_goes_on(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                self.snapshots = f"snapshots-{number.name}"
                there = {"output": f"out-{number.name}", "dead_letters": f"letters-{number.name}"}
                job = self.start_slow(more=["--savepoint-on-exit"], parallelism=2, **there)
                self.wait_for_snapshots(job, JOB, 1)
                job.send_signal(number)
                at = self.savepoint(job)
                committed = self.committed(["out"], there["output"])["out"]
                self.assertLess(len(committed), len(self.wanted["out"]))
                job = self.resume_fast(resume=at, parallelism=5, **there)
                self.assert_exits(job, 0)
                self.assertIn("resumed: from", self.err())
                self.assert_committed(self.wanted, there["output"], there["dead_letters"])

    def test_on_request_and_the_job_goes_on(self):
        job = self.start_slow(snapshots_keep=1)
        self.wait_for_snapshots(job, JOB, 1)
        job.send_signal(signal.SIGUSR1)
        self.wait_for_snapshots(job, JOB, 1, "savepoint")
        kept = self.snapshots_of(JOB, "savepoint")
        self.assert_exits(job, 0)
        self.assert_committed(self.wanted)
        self.assertEqual(self.snapshots_of(JOB, "savepoint"), kept, "nothing deletes a savepoint")
        self.assertEqual(len(self.snapshots_of(JOB)), 1, "older ones go")
        self.assert_exits(self.resume_fast(resume=kept[0]), 0)
        self.assertIn("output of epochs that are done again was removed", self.err())
        self.assert_committed(self.wanted)
        self.assertEqual(self.weir("verify", kept[0])[0], 0)

    def test_killed_while_it_goes_back(self):
        chosen = random.Random(1)
        job = self.start_slow(more=["--savepoint-on-exit"])
        self.wait_for_snapshots(job, JOB, 1)
        job.send_signal(signal.SIGTERM)
        at = self.savepoint(job)
        for _ in range(6):
            job = self.resume_fast(resume=chosen.choice([at, at, "latest"]), parallelism=chosen.choice([1, 2, 4]), batch_records=20)
            time.sleep(chosen.uniform(0.01, 0.4))
            job.kill()
            self.assertIn(job.wait(), (0, -signal.SIGKILL), self.err())
        self.assert_exits(self.resume_fast(parallelism=3), 0)
        self.assert_committed(self.wanted)

    def test_of_a_job_without_a_directory(self):
        job = self.start_slow(snapshots=[], progress="on", progress_every="10ms")
        self.wait_until(job, lambda: "watermark" in self.err(), "reading")
        job.send_signal(signal.SIGUSR1)
        self.assert_exits(job, 0)
        self.assertIn("no savepoint: SIGUSR1: --snapshots DIR would say where it goes", self.err())


class Periodic(SnapshotTest):
    def test_one_after_the_other(self):
        # each is complete long before the next is due, and a timeout is far away
        job = self.start(JOB, **self.given, replay_speed="10x", snapshot_every="300ms", snapshot_timeout="10m")
        self.wait_until(job, lambda: any(one.name.endswith("04") for one in self.snapshots_of(JOB)), "a fourth snapshot")


class Refused(SnapshotTest):
    def test_without_resume(self):
        found = self.killed_with(1)
        before = self.files_in("out")
        self.assert_exits(self.start_slow(), 2)
        self.assertRegex(self.err(), f"there are snapshots of this job already, the latest is snapshots/{JOB}/{found[-1].name}; add "
                                     r"--resume latest to go on from it, or choose another directory \(--snapshots DIR\)")
        self.assertEqual(self.files_in("out"), before)

    def test_a_snapshot_that_there_is_not(self):
        self.assert_exits(self.resume_fast(resume="nowhere"), 3)
        self.assertIn("nowhere", self.err())


class AnotherGraph(SnapshotTest):
    def test_state_that_nobody_takes_over(self):
        latest = self.killed_with(2)[-1]
        before = self.files_in("out")
        self.assert_exits(self.resume_fast(counter="tally"), 2)
        self.assertRegex(self.err(), r"nothing in the job takes over the state of operator 'count' \(\d+ rows\); bring the operator "
                                     "back, or add --allow-dropped-state to go on without it")
        self.assertEqual(self.files_in("out"), before)
        self.assertEqual(self.snapshots_of(JOB)[-1], latest)
        self.assert_exits(self.resume_fast(counter="tally", more=["--allow-dropped-state"]), 0)
        self.assertIn("state is dropped what=\"the state of operator 'count' (", self.err())
        lines = self.committed(["out"])["out"].count(b"\n")
        self.assertEqual(lines, READINGS, "each reading is told once, though counted anew")

    def test_the_operator_comes_back(self):
        self.killed_with(2)
        self.assert_exits(self.resume_fast(counter="tally"), 2)
        self.assert_exits(self.resume_fast(), 0)
        self.assert_committed(self.wanted)

    def test_an_operator_without_state(self):
        steps = {"input": "readings", "command": executable("two_steps", "tests/jobs"), "dead_letters": "letters"}
        wanted = self.reference("two_steps", ["out"], input="readings", command=steps["command"])
        # it ends by itself where snapshots are slow
        job = self.start("two-steps", **steps, batch_records=5, channel_window="1KiB", snapshot_every="1ms")
        while job.poll() is None and not self.snapshots_of("two-steps"):
            time.sleep(0.005)
        job.kill()
        job.wait()
        self.assert_exits(self.resume("two-steps", **steps, first="another"), 0)
        self.assert_committed(wanted)
        self.assertNotIn("dropped", self.err())


class Tool(SnapshotTest):
    def test_on_a_job_s_snapshots(self):
        first, *_, last = self.killed_with(3)
        code, out, err = self.weir("ls", "snapshots")
        self.assertEqual(code, 0, err)
        for one in (first, last):
            self.assertIn(one.name, out)
        for path in (last, last.parent):
            code, out, err = self.weir("show", path)
            self.assertEqual(code, 0, err)
            for name in ("readings", "count", "out"):
                self.assertIn(name, out)
        self.assertEqual(self.weir("verify", last)[0], 0)
        code, out, err = self.weir("state", last, "--operator", "count")
        self.assertEqual(code, 0, err)
        states = [json.loads(line) for line in out.splitlines()]
        self.assertGreater(len(states), 10)
        self.assertEqual({one["operator"] for one in states}, {"count"})
        code, out, err = self.weir("diff", first, last)
        self.assertEqual(code, 1, err)
        self.assertEqual(self.weir("diff", last, last)[0], 0)
        flip_a_bit(max((one for one in last.iterdir() if one.name != "manifest"), key=lambda one: one.stat().st_size))
        code, out, err = self.weir("verify", last)
        self.assertEqual(code, 1, out + err)


if __name__ == "__main__":
    unittest.main()

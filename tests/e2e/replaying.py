"""Capsules of failures, and what replaying them says: a real job, its exit codes, bounds, damaged and foreign capsules."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest
import urllib.error
import urllib.request

from _sensor_watch import SensorWatch

TWO_STEPS = pathlib.Path(os.environ["WEIR_BUILD_DIR"]) / "tests/jobs/two_steps/two_steps"


class Replaying(SensorWatch):
    def run_failing(self, value, *more, count=2000):
        """A run whose behavior throws at a value each time, in a folder `capsules`; the path of the newest capsule."""
        done = self.run_job(*self.write_readings(count), "--fail-at", str(value), "--snapshot-every", "2ms", "--capsules",
                            "capsules", "--dead-letters", "letters", *more)
        return done, self.capsules()[-1]

    def capsules(self):
        found = (self.folder / "capsules").glob("*.capsule")
        return sorted(map(str, found), key=lambda name: int(re.search(r"-(\d+)\.capsule$", name).group(1)))

    def replay(self, *words):
        return self.run_job("replay", *words)


class WhatARunLeaves(Replaying):
    def test_a_poison_record_names_its_capsule(self):
        done, capsule = self.run_failing(1234)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.capsules()), 1, "deaths at one record leave one capsule")
        self.assertRegex(os.path.basename(capsule), r"^sensor-watch-count-[01]#1-1\.capsule$")
        letter = json.loads((self.folder / "letters").read_text())
        self.assertEqual(letter["capsule"], os.path.relpath(capsule, self.folder))
        self.assertIn("capsule=" + letter["capsule"], done.stderr)

    def test_a_job_that_ends_of_it_names_it_too(self):
        done, capsule = self.run_failing(1234, "--poison", "stop", "--summary", "json")
        self.assertEqual(done.returncode, 1, done.stderr)
        failure = json.loads(done.stderr.splitlines()[-1])["failure"]
        self.assertEqual(failure["capsule"], os.path.relpath(capsule, self.folder))
        done, capsule = self.run_failing(1234, "--poison", "stop")
        self.assertRegex(done.stderr, r"\n  capsule +" + re.escape(os.path.relpath(capsule, self.folder)))

    def test_they_are_bounded(self):
        for value in range(100, 109):
            self.run_failing(value, "--capsules-max", "3")
        self.assertEqual([re.search(r"-(\d+)\.capsule$", name).group(1) for name in self.capsules()], ["7", "8", "9"])
        self.assertEqual(len(list((self.folder / "capsules").iterdir())), 3)

    def test_one_that_is_too_large_harms_nobody(self):
        done = self.run_job(*self.write_readings(2000), "--fail-at", "1999", "--snapshot-every", "1h", "--capsules", "capsules",
                            "--capsules-bytes", "8KiB")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.capsules(), [])
        self.assertRegex(done.stderr, "no replay capsule was kept .*limit of 2048 bytes; raise --capsules-bytes")

    def test_without_snapshots_there_are_none(self):
        done = self.run_job(*self.write_readings(1), "--capsules", "capsules", "--snapshot-every", "0")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--capsules needs --snapshot-every", done.stderr)

    def test_a_place_that_cannot_be_written_to_is_told_before_anything_runs(self):
        (self.folder / "file").touch()
        done = self.run_job(*self.write_readings(1), "--capsules", "file/capsules", "--snapshot-every", "1s")
        self.assertEqual(done.returncode, 4)
        self.assertIn("option --capsules: ", done.stderr)

    def test_a_directory_that_goes_away_harms_nobody(self):
        job = self.start_job(*self.write_readings(3000), "--fail-at", "2500", "--pause", "200us", "--snapshot-every", "10ms",
                             "--capsules", "capsules", "--log-level", "info")
        self.read_until(job, "job runs")
        shutil.rmtree(self.folder / "capsules")
        _, told = job.communicate(timeout=60)
        self.assertEqual(job.returncode, 0, told)
        self.assertIn("no replay capsule was kept", told)


class OnDemand(Replaying):
    def post(self, url):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data=b""), timeout=10) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def test_a_running_instance_gives_one(self):
        job = self.start_job(*self.write_readings(8640, seconds_between=10), "--replay-speed", "1440x", "--snapshot-every", "1s",
                             "--capsules", "capsules", "--metrics-listen", "127.0.0.1:0", "--progress", "on", "--progress-every", "50ms")
        url = re.search(r"http://127\.0\.0\.1:\d+", self.read_until(job, "watermark")).group() + "/capsule"
        status, said = self.post(url + "?instance=count/1")
        self.assertEqual((status, said.strip()), (200, "capsules/sensor-watch-count-1#1-1.capsule"))
        self.assertEqual(self.post(url + "?instance=count/2")[0], 404)
        self.assertEqual(self.post(url + "?instance=nobody/0")[0], 404)
        self.assertEqual(self.post(url + "?instance=out/0")[0], 503)
        for query in ("", "?instance=", "?instance=count", "?instance=count/", "?instance=count/x", "?instance=count/-1"):
            self.assertEqual(self.post(url + query)[0], 400, query)
        self.assertIsNone(job.poll())
        done = self.replay(said.strip())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"\nfailure +none: it was captured on demand\n")
        self.assertRegex(done.stdout, r"\nreplayed: \d+ records and timers, no failure\n$")


class Replay(Replaying):
    def test_the_failure_comes_again(self):
        _, capsule = self.run_failing(1234)
        done = self.replay(capsule)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        *before, failing = re.findall(r"^[> ] (\d+)  key '(s\d)'  at (\S+)  record .*value = (\d+)", done.stdout, re.M)
        self.assertEqual(len(before), 20)
        self.assertEqual(failing[1:], ("s2", "1970-01-01T00:20:34.000000Z", "1234"))
        ticks = [int(one[0]) for one in before] + [int(failing[0])]
        self.assertEqual(ticks, list(range(ticks[0], ticks[0] + 21)))
        self.assertRegex(done.stdout, r"\nerror +behavior_failed: the value is not to be had\n\nreproduced: ")

    def test_it_says_the_same_each_time(self):
        _, capsule = self.run_failing(1234)
        self.assertEqual(self.replay(capsule).stdout, self.replay(capsule).stdout)
        self.assertEqual(len(re.findall("  record ", self.replay(capsule, "--records", "3").stdout)), 4)

    def test_it_needs_nothing_of_the_run(self):
        _, capsule = self.run_failing(1234)
        kept = shutil.copy(capsule, self.folder / "kept.capsule")
        for name in ("readings.jsonl", "letters"):
            (self.folder / name).unlink()
        shutil.rmtree(self.folder / "capsules")
        shutil.rmtree(self.folder / "out")
        self.assertEqual(self.replay(kept).returncode, 0)
        self.assertEqual(os.listdir(self.folder), ["kept.capsule"], "a replay writes nothing")

    def test_a_mended_job_does_not_fail(self):
        _, capsule = self.run_failing(1234)
        done = self.replay(capsule, "--fail-at", "-1")
        self.assertEqual(done.returncode, 5)
        self.assertIn("not reproduced: nothing failed this time", done.stdout)
        done = self.replay(capsule, "--fail-at", "1232")
        self.assertEqual(done.returncode, 5)
        self.assertIn("the same failure, but at tick", done.stdout)

    def test_the_line_for_gdb_runs(self):
        _, capsule = self.run_failing(1234)
        line = self.replay("--break", capsule)
        self.assertEqual(line.returncode, 0)
        self.assertRegex(line.stdout, r"^gdb -q .*--args \S+ replay \S*capsule'?\n$")
        if shutil.which("gdb") is None:
            self.skipTest("gdb is not installed")
        session = subprocess.run(line.stdout, shell=True, cwd=self.folder, input="continue\nbacktrace\nquit\n",
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        if "ptrace" in session.stdout:
            self.skipTest("this machine lets nobody trace")
        self.assertRegex(session.stdout, r"(?s)Breakpoint 1, weir_before_failing_record.*exception thrown.*"
                                         r"in on .*sensor_watch\.cpp:\d+")


class WrongCapsules(Replaying):
    def assert_refused(self, done, code, *texts):
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)

    def test_damaged_ones(self):
        _, capsule = self.run_failing(1234)
        whole = pathlib.Path(capsule).read_bytes()
        bad = self.folder / "bad"
        for content, text in ((whole[:len(whole) // 2], "truncated"), (whole[:5], "truncated"), (b"", "truncated"),
                              (whole + b"\0", "something follows it"), (b"#!/bin/sh\n" * 10, "no replay capsule"),
                              (whole[:-9] + b"x" + whole[-8:], "does not match its checksum"),
                              (whole[:8] + b"\x07" + whole[9:], "version 7")):
            with self.subTest(text):
                bad.write_bytes(content)
                self.assert_refused(self.replay("bad"), 2 if "version" in text else 3, "bad: ", text)

    def test_none_at_all(self):
        self.assert_refused(self.replay("nothing.capsule"), 3, "nothing.capsule")
        self.assert_refused(self.replay("."), 2, ".")
        self.assert_refused(self.replay(), 2, "replay CAPSULE")
        self.assert_refused(self.run_job("--records", "3"), 2, "--records belongs to the command replay")

    def test_of_another_job(self):
        _, capsule = self.run_failing(1234)
        done = subprocess.run([TWO_STEPS, "replay", "--input", "x", capsule], cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)
        self.assert_refused(done, 2, "does not fit this job", "'sensor-watch'", "'two-steps'")


if __name__ == "__main__":
    unittest.main()

"""Dead letters of behaviors handed again to a mended job: a real job, its snapshots, its exit codes."""

import json
import os
import re
import shutil
import unittest

from _sensor_watch import SensorWatch

LETTERS = "sensor-watch.dead-letters.jsonl"


class Retrying(SensorWatch):
    def run_failing(self, *more, count=500):
        """Throws at the value 217 and rejects 300, and keeps snapshots; its letters are moved to old.jsonl."""
        done = self.run_job(*self.write_readings(count), "--fail-at", "217", "--reject-at", "300", "--snapshots", "kept",
                            "--snapshot-every", "5ms", *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        os.rename(self.folder / LETTERS, self.folder / "old.jsonl")
        return done

    def retry(self, *more):
        return self.run_job("--input", "readings.jsonl", "--retry-letters", "old.jsonl", *more)

    def final_counts(self):
        final = {}
        for one in self.all_counts():
            final[one["sensor"]] = max(final.get(one["sensor"], 0), one["count"])
        return final

    def all_counts(self):
        return [json.loads(line) for name in (self.folder / "out").rglob("*.jsonl") for line in name.read_text().splitlines()]


class WhatALetterHolds(Retrying):
    def test_enough_to_be_retried(self):
        self.run_failing()
        letters = {letter["error"]: letter for letter in map(json.loads, (self.folder / "old.jsonl").read_text().splitlines())}
        self.assertEqual(set(letters), {"behavior_failed", "record_rejected"})
        poison = letters["behavior_failed"]
        self.assertEqual((poison["input"], poison["type"], poison["event_time"]), (0, "Reading", "1970-01-01T00:03:37.000000Z"))
        self.assertRegex(poison["schema"], "^[0-9a-f]{16}$")
        self.assertEqual(poison["schema"], letters["record_rejected"]["schema"])


class Retry(Retrying):
    def test_a_mended_job_that_is_resumed_ends_where_it_would_have(self):
        self.run_failing()
        self.assertEqual(sum(self.final_counts().values()), 498)
        done = self.retry("--snapshots", "kept", "--resume", "latest")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sum(self.final_counts().values()), 500)
        self.assertEqual(len(self.all_counts()), 500)
        # once more, with them and without: nothing is doubled, nothing is asked for
        for words in (["--retry-letters", "old.jsonl"], []):
            done = self.run_job("--input", "readings.jsonl", "--snapshots", "kept", "--resume", "latest", *words)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(len(self.all_counts()), 500)
        self.assertFalse((self.folder / LETTERS).exists())

    def test_beside_other_input(self):
        self.run_failing()
        shutil.rmtree(self.folder / "out")
        self.write_readings(10)
        done = self.retry("--log-level", "info")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.counts()), 12)
        self.assertIn("dead letters are retried", done.stderr)
        self.assertIn("records=2", done.stderr)

    def test_what_fails_again_is_a_letter_again(self):
        self.run_failing()
        self.write_readings(10)
        done = self.retry("--fail-at", "217", "--summary", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        before = [json.loads(line) for line in (self.folder / "old.jsonl").read_text().splitlines()]
        (after,) = [json.loads(line) for line in (self.folder / LETTERS).read_text().splitlines()]
        self.assertIn(after["record"], [one["record"] for one in before])
        self.assertEqual(after["event_time"], "1970-01-01T00:03:37.000000Z")

    def test_lines_of_a_source_are_left_to_the_user(self):
        self.write_readings(10)
        with open(self.folder / "readings.jsonl", "a") as readings:
            readings.write("no json\n")
        self.assertEqual(self.run_job("--input", "readings.jsonl").returncode, 0)
        os.rename(self.folder / LETTERS, self.folder / "old.jsonl")
        done = self.retry("--dead-letters", "new.jsonl")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, "lines that a source could not read are not retried.*letters=1")

    def test_the_plan_shows_them(self):
        self.run_failing()
        plan = self.run_job("plan", "--input", "readings.jsonl", "--retry-letters", "old.jsonl")
        self.assertEqual(plan.returncode, 0, plan.stderr)
        self.assertRegex(plan.stdout, r"\ncount-retry-[0-9a-f]{8} +source, 1 instance: dead letters old.jsonl\n")


class Refused(Retrying):
    def refused(self, text, *more, letters="old.jsonl"):
        done = self.run_job("--input", "readings.jsonl", "--retry-letters", letters, *more)
        self.assertIn(done.returncode, (2, 3), done.stderr)
        self.assertIn("option --retry-letters: ", done.stderr)
        self.assertIn(text, done.stderr)
        self.assertFalse((self.folder / "out").exists())

    def test_letters_that_the_run_would_replace(self):
        self.run_failing()
        shutil.rmtree(self.folder / "out")
        before = (self.folder / "old.jsonl").read_bytes()
        shutil.copy(self.folder / "old.jsonl", self.folder / LETTERS)
        self.refused("rename it first", letters=LETTERS)
        self.refused("rename it first", letters="./" + LETTERS)
        os.link(self.folder / "old.jsonl", self.folder / "linked")
        self.refused("rename it first", "--dead-letters", "linked")
        self.assertEqual((self.folder / "old.jsonl").read_bytes(), before)

    def test_files_that_are_no_letters(self):
        self.run_failing()
        shutil.rmtree(self.folder / "out")
        self.refused("missing", letters="missing")
        self.refused("no regular file", letters="kept")
        good = (self.folder / "old.jsonl").read_text()
        for line, said in (("garbage", "no dead letter"), ('{"operator": "nobody/0"}', "no operator 'nobody'"),
                           (re.sub('"record":"....', '"record":"?', good.splitlines()[0]), "base64"),
                           (good.splitlines()[0].replace('"Reading"', '"Alarm"'), "takes Reading")):
            (self.folder / "old.jsonl").write_text(good + line + "\n")
            self.refused("old.jsonl:3: ")
            self.refused(said)


if __name__ == "__main__":
    unittest.main()

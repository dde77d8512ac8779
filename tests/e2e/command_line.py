"""Help, plans, wrong command lines and exit codes of a real job."""

import json
import os
import re
import unittest

from _sensor_watch import SensorWatch


class Help(SensorWatch):
    def test_help_is_for_a_person(self):
        done = self.run_job("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for text in ("Usage: sensor_watch [run]", "--input VALUE", "(required)", "--pause VALUE", "(default: out)",
                     "Running:", "Observing:", "Exit codes:", "./sensor_watch --input VALUE"):
            self.assertIn(text, done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100)
        self.assertEqual(self.run_job("-h").stdout, done.stdout)

    def test_version(self):
        self.assertRegex(self.run_job("--version").stdout, r"^sensor_watch \(Weir \d+\.\d+\.\d+\)\n$")


class Plan(SensorWatch):
    def test_text(self):
        done = self.run_job("plan")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for text in ("sensor-watch\n", "readings", "<input>", "count_readings", "2 instances", "keyed", "Alarm"):
            self.assertIn(text, done.stdout)

    def test_mermaid(self):
        done = self.run_job("plan", "--format", "mermaid", "--input", "a.jsonl")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.startswith("flowchart"), done.stdout)
        self.assertEqual(done.stdout.count("-->"), 2)

    def test_graphviz(self):
        done = self.run_job("plan", "--format=graphviz")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r'(?s)^digraph "sensor-watch" \{.*\}\n$')
        self.assertEqual(done.stdout.count("->"), 2)

    def test_shows_the_parallelism_that_was_asked_for(self):
        self.assertIn("7 instances", self.run_job("plan", "--parallelism", "count=7").stdout)

    def test_leaves_nothing_behind(self):
        self.run_job("plan")
        self.assertEqual(os.listdir(self.folder), [])


class WrongCommandLines(SensorWatch):
    def assert_refused(self, words, *texts):
        done = self.run_job(*words)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        for text in (*texts, "sensor_watch --help"):
            self.assertIn(text, done.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_each_says_what_is_wrong_and_the_nearest_name(self):
        given = ["--input", "readings.jsonl"]
        self.assert_refused(["--inptu", "x"], "unknown option --inptu", "did you mean --input?")
        self.assert_refused([], "required option is missing", "--input  JSON lines of readings")
        self.assert_refused([*given, "--threads", "many"], "--threads", "'many'")
        self.assert_refused([*given, "--linger", "5"], "--linger", "no unit")
        self.assert_refused([*given, "--parallelism", "cuont=3"], "no operator 'cuont'", "did you mean count?")
        self.assert_refused([*given, "--parallelism", "count=257"], "257", "from 1 to 256")
        self.assert_refused([*given, "--pause", "soon"], "option --pause", "'soon'")
        self.assert_refused([*given, "--metrics-listen", "nowhere"], "--metrics-listen", "'nowhere'")
        self.assert_refused(["plna"], "unknown command 'plna'", "did you mean plan?")


class ExitCodes(SensorWatch):
    def test_finished(self):
        done = self.run_job(*self.write_readings(1000))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.counts()), 1000)
        self.assertEqual(sorted(os.listdir(self.folder)), ["out", "readings.jsonl"])
        for text in ("sensor-watch finished in ", "read 1,000 records", "records/s", "of CPU", "of memory",
                     "out/out-0.jsonl", "1,000 records"):
            self.assertIn(text, done.stderr)

    def test_an_operator_failed(self):
        done = self.run_job(*self.write_readings(1000), "--fail-at", "500", "--poison", "stop")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIsNone(self.counts())
        self.assertRegex(done.stderr, r"failed +count/\d \(incarnation 3\)")
        for text in ("the value is not to be had", "value = 500", "next "):
            self.assertIn(text, done.stderr)

    def test_a_record_that_an_operator_fails_at_is_set_aside(self):
        done = self.run_job(*self.write_readings(1000), "--fail-at", "500")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.counts()), 999)
        self.assertIn("1 in sensor-watch.dead-letters.jsonl (0 malformed, 0 rejected by behaviors, "
                      "1 that a behavior failed at each time)", done.stderr)

    def test_without_snapshots_a_failure_ends_the_job(self):
        done = self.run_job(*self.write_readings(1000), "--fail-at", "500", "--snapshot-every", "0")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, r"failed +count/\d \(incarnation 1\)")

    def test_an_input_is_missing(self):
        done = self.run_job("--input", "nowhere.jsonl")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("nowhere.jsonl", done.stderr)

    def test_a_bad_record_is_set_aside(self):
        given = self.write_readings(10)
        with open(self.folder / "readings.jsonl", "a") as out:
            out.write('{"sensor": "s1", "value": "a lot"}\n')
        done = self.run_job(*given, "--reject-at", "5")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.counts()), 9)
        self.assertIn("2 in sensor-watch.dead-letters.jsonl (1 malformed, 1 rejected by behaviors)", done.stderr)
        text = (self.folder / "sensor-watch.dead-letters.jsonl").read_text()
        letters = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(sorted(letter["error"] for letter in letters), ["bad_record", "record_rejected"])

    def test_a_bad_record_stops_the_job(self):
        given = self.write_readings(10)
        done = self.run_job(*given, "--reject-at", "5", "--on-bad-record", "fail")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("nobody wants this value", done.stderr)
        with open(self.folder / "readings.jsonl", "a") as out:
            out.write("no JSON\n")
        done = self.run_job(*given, "--on-bad-record", "fail")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertRegex(done.stderr, r"readings\.jsonl:11")
        self.assertEqual(sorted(name for name in os.listdir(self.folder) if "dead" in name), [])

    def test_an_output_cannot_be_written(self):
        given = self.write_readings(10)
        (self.folder / "out").write_text("a file, no directory")
        done = self.run_job(*given)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertRegex(done.stderr, r"failed +out/0")

    def test_dead_letters_cannot_be_written(self):
        given = self.write_readings(1000)
        done = self.run_job(*given, "--reject-at", "5", "--dead-letters", "/dev/full")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("/dev/full", done.stderr)

    def test_standard_output_is_full(self):
        with open("/dev/full", "w") as full:
            done = self.run_job(*self.write_readings(1000), "--output", "-", stdout=full)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("No space left", done.stderr)


class Summaries(SensorWatch):
    def test_json_is_one_object(self):
        done = self.run_job(*self.write_readings(1000), "--summary", "json")
        summary = json.loads(done.stderr)
        self.assertEqual((summary["job"], summary["outcome"], summary["exitCode"]), ("sensor-watch", "finished", 0))
        self.assertEqual(summary["recordsRead"], 1000)
        self.assertEqual([(one["name"], one["role"], one["instances"]) for one in summary["operators"]],
                         [("readings", "source", 1), ("count", "transform", 2), ("out", "sink", 1)])
        self.assertEqual(summary["operators"][2]["positions"], ["out/out-0.jsonl"])
        self.assertEqual(summary["deadLetters"], {"count": 0})

    def test_off_is_silent(self):
        self.assertEqual(self.run_job(*self.write_readings(10), "--summary", "off").stderr, "")

    def test_logs_as_json_are_lines_of_json(self):
        done = self.run_job(*self.write_readings(1000), "--fail-at", "500", "--poison", "stop", "--log-level", "debug",
                            "--log-format", "json", "--summary", "off")
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertGreater(len(lines), 1)
        for line in lines:
            self.assertTrue(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), line)
            self.assertIn(line["level"], ("debug", "info", "warning", "error"))
        self.assertIn("instance failed", [line["message"] for line in lines])

    def test_backpressure_is_blamed_on_who_caused_it(self):
        done = self.run_job(*self.write_readings(3000), "--pause", "200us", "--channel-window", "1KiB",
                            "--batch-records", "16", "--parallelism", "count=1", "--summary", "json")
        summary = json.loads(done.stderr)
        self.assertEqual([(one["blocked"], one["by"]) for one in summary["backpressure"]], [("readings", "count")])


if __name__ == "__main__":
    unittest.main()

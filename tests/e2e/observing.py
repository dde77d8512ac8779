"""Progress, metrics and inspection of a job while it runs."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import unittest
import urllib.error
import urllib.request

from _sensor_watch import PROGRAM, SensorWatch


class Endpoint(SensorWatch):
    def start_observed(self):
        job = self.start_job(*self.write_readings(8640, seconds_between=10), "--replay-speed", "1440x", "--progress", "on",
                             "--progress-every", "100ms", "--metrics-listen", "127.0.0.1:0")
        lines = self.read_until(job, "watermark")
        return job, re.search(r"http://127\.0\.0\.1:\d+", lines).group()

    @staticmethod
    def get(url):
        with urllib.request.urlopen(url, timeout=10) as reply:
            return reply.headers["Content-Type"], reply.read().decode()

    def samples(self, url):
        kind, text = self.get(url + "/metrics")
        self.assertTrue(kind.startswith("text/plain; version=0.0.4"), kind)
        found = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                self.assertRegex(line, r'^weir_[a-z_]+\{([a-z]+="[^"]*",?)+\} (\+Inf|-?[0-9.e+-]+)$')
                name, value = line.rsplit(" ", 1)
                found[name] = float(value)
        return found

    def test_metrics_move_while_it_runs(self):
        job, url = self.start_observed()
        read = 'weir_instance_input_records_total{job="sensor-watch",operator="readings",instance="0"}'
        before = self.samples(url)
        self.read_until(job, "watermark")
        self.read_until(job, "watermark")
        after = self.samples(url)
        self.assertGreater(after[read], 0)
        written = 'weir_instance_output_records_total{job="sensor-watch",operator="out",instance="0"}'
        self.assertGreater(after[written], before[written])
        uptime = 'weir_process_uptime_seconds{job="sensor-watch"}'
        self.assertGreater(after[uptime], before[uptime])
        self.assertGreater(after['weir_process_resident_bytes{job="sensor-watch"}'], 1e6)
        watermark = after['weir_instance_watermark_seconds{job="sensor-watch",operator="out",instance="0"}']
        self.assertTrue(0 < watermark < 86400, watermark)

    def test_health_and_inspection(self):
        job, url = self.start_observed()
        self.assertEqual(self.get(url + "/healthz")[1], "running\n")
        kind, text = self.get(url + "/inspect")
        self.assertEqual(kind, "application/json")
        report = json.loads(text)
        self.assertEqual(report["job"], "sensor-watch")
        self.assertEqual([(one["operator"], one["instance"]) for one in report["instances"]],
                         [("readings", 0), ("count", 0), ("count", 1), ("out", 0)])
        self.assertEqual(report["instances"][1]["cells"][0]["name"], "count")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.get(url + "/nothing")
        self.assertEqual(refused.exception.code, 404)

    def test_the_hot_key_is_told_first(self):
        (self.folder / "readings.jsonl").write_text("".join(
            json.dumps({"sensor": "hot" if i % 5 != 0 else f"s{i % 7919}", "value": i, "at": 1000 * i}) + "\n"
            for i in range(200_000)))
        job = self.start_job("--input", "readings.jsonl", "--replay-speed", "5000x", "--progress", "on", "--progress-every", "100ms",
                             "--metrics-listen", "127.0.0.1:0")
        url = re.search(r"http://127\.0\.0\.1:\d+", self.read_until(job, "watermark")).group()
        told = []
        while not told:
            self.read_until(job, "watermark")
            instances = json.loads(self.get(url + "/inspect")[1])["instances"]
            told = [one["topKeys"] for one in instances if one["keySamples"] >= 50 and one["topKeys"]]
        self.assertEqual(len(told), 1, told)
        self.assertEqual(told[0][0]["key"], "hot")
        self.assertGreater(told[0][0]["share"], 0.5)
        shares = {name: value for name, value in self.samples(url).items() if "top_key_ratio" in name}
        self.assertEqual(len(shares), 2, shares)
        self.assertGreater(max(shares.values()), 0.5)

    def test_a_port_in_use_is_told_before_anything_runs(self):
        job, url = self.start_observed()
        done = self.run_job("--input", "readings.jsonl", "--output", "other", "--metrics-listen", url.removeprefix("http://"))
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("in use", done.stderr)
        self.assertFalse((self.folder / "other").exists())


class Progress(SensorWatch):
    def test_plain_lines_where_there_is_no_terminal(self):
        done = self.run_job(*self.write_readings(60), "--replay-speed", "60x", "--progress", "on", "--progress-every", "200ms")
        lines = [line for line in done.stderr.splitlines() if line.startswith("sensor-watch  00:")]
        self.assertGreater(len(lines), 0)
        self.assertRegex(lines[-1], r"^sensor-watch  00:\d\d  \S+( k)?/s  \S+ k?B/s  \d+% ")
        # once everything is read there is no watermark to show
        self.assertTrue(any("watermark 1970-01-01T00:00:" in line for line in lines), lines)
        self.assertNotIn("\r", done.stderr)

    def test_none_where_nobody_looks(self):
        done = self.run_job(*self.write_readings(60), "--replay-speed", "60x", "--progress-every", "200ms")
        self.assertNotIn("watermark", done.stderr)

    def test_one_line_that_fits_the_terminal(self):
        leader, follower = pty.openpty()
        self.addCleanup(os.close, leader)
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 40, 0, 0))
        job = subprocess.Popen([PROGRAM, *self.write_readings(60), "--replay-speed", "60x", "--progress-every", "100ms",
                                "--log-level", "info"], cwd=self.folder, stderr=follower, stdout=subprocess.DEVNULL)
        os.close(follower)
        shown = b""
        try:
            while part := os.read(leader, 4096):
                shown += part
        except OSError:  # the terminal is closed
            pass
        self.assertEqual(job.wait(timeout=20), 0)
        drawn = re.findall(r"\r\x1b\[K([^\r\n]*)", shown.decode())
        self.assertGreater(len(drawn), 0)
        for line in drawn:
            if "/s" in line and "finished" not in line:
                self.assertLess(len(line), 40, line)
        self.assertRegex(shown.decode(), r"\r\x1b\[Ksensor-watch finished in ")


if __name__ == "__main__":
    unittest.main()

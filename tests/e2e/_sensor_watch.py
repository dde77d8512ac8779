"""The job sensor_watch (tests/jobs), its input, and how to run it."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

PROGRAM = pathlib.Path(os.environ["WEIR_BUILD_DIR"]) / "tests/jobs/sensor_watch/sensor_watch"


def readings(count, seconds_between=1):
    """`count` readings of 7 sensors, valued 0, 1, 2..."""
    return "".join(json.dumps({"sensor": f"s{i % 7}", "value": i, "at": 1000 * seconds_between * i, "note": "n"}) + "\n"
                   for i in range(count))


class SensorWatch(unittest.TestCase):
    """Every test has a folder of its own, which is the working folder of what it starts."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write_readings(self, *args, **more):
        (self.folder / "readings.jsonl").write_text(readings(*args, **more))
        return ["--input", "readings.jsonl"]

    def run_job(self, *words, stdout=subprocess.PIPE):
        return subprocess.run([PROGRAM, *words], cwd=self.folder, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60)

    def start_job(self, *words):
        # what started the tests may have ignored SIGINT
        job = subprocess.Popen([PROGRAM, *words], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
        self.addCleanup(self._end, job)
        return job

    @staticmethod
    def _end(job):
        job.kill()
        job.communicate()

    def read_until(self, job, text):
        """Lines of standard error up to the one that holds `text`."""
        lines = ""
        while text not in lines:
            line = job.stderr.readline()
            self.assertTrue(line, f"it ended before it said {text!r}: {lines}")
            lines += line
        return lines

    def counts(self):
        """Alarms that were written, or None if no output is complete."""
        files = [name for name in (self.folder / "out").glob("*.jsonl")] if (self.folder / "out").exists() else []
        return [json.loads(line) for name in files for line in name.read_text().splitlines()] if files else None

"""What SIGINT and SIGTERM do to a real job."""

import signal
import time
import unittest

from _sensor_watch import SensorWatch


class Signals(SensorWatch):
    def start_running(self, *words):
        job = self.start_job(*words, "--progress", "on", "--progress-every", "100ms")
        self.read_until(job, "/s")  # the first line of progress
        return job

    def start_endless(self, *more):
        """A day of readings, at a speed at which it lasts for ten minutes of ours."""
        job = self.start_running(*self.write_readings(8640, seconds_between=10), "--replay-speed", "144x", *more)
        self.read_until(job, "watermark")  # something has passed through
        return job

    def test_the_first_drains_and_completes_the_output(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                job = self.start_endless()
                job.send_signal(number)
                _, errors = job.communicate(timeout=20)
                self.assertEqual(job.returncode, 0, errors)
                self.assertIn(f"draining: {number.name}", errors)
                self.assertIn("sensor-watch finished in ", errors)
                self.assertGreater(len(self.counts()), 0)
                self.assertLess(len(self.counts()), 8640)

    def test_the_second_stops_and_completes_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name):
                # so slow that it is still draining when the second comes
                job = self.start_running(*self.write_readings(1000), "--pause", "100ms")
                job.send_signal(number)
                self.read_until(job, "draining")
                job.send_signal(number)
                _, errors = job.communicate(timeout=20)
                self.assertEqual(job.returncode, 128 + number, errors)
                self.assertIn("no output is completed", errors)
                self.assertIsNone(self.counts())

    def test_an_operator_that_hangs_does_not_hold_the_process_up(self):
        job = self.start_running(*self.write_readings(1000), "--hang-at", "500")
        job.send_signal(signal.SIGINT)
        self.read_until(job, "draining")
        began = time.monotonic()
        job.send_signal(signal.SIGINT)
        _, errors = job.communicate(timeout=20)
        self.assertEqual(job.returncode, 130, errors)
        self.assertIn("did not stop within 2 s", errors)
        self.assertLess(time.monotonic() - began, 10)
        self.assertIsNone(self.counts())

    def test_a_savepoint_that_comes_too_late_is_told(self):
        # the savepoint comes behind what is on its way, which takes 10 s; the stop does not
        job = self.start_running(*self.write_readings(1000), "--pause", "20ms", "--batch-records", "1", "--snapshots", "kept")
        job.send_signal(signal.SIGUSR1)
        self.read_until(job, "savepoint: SIGUSR1: one is being taken")
        job.send_signal(signal.SIGINT)
        self.read_until(job, "draining")
        job.send_signal(signal.SIGINT)
        _, errors = job.communicate(timeout=20)
        self.assertEqual(job.returncode, 130, errors)
        self.assertIn("no savepoint: the job was stopped first: go on from its latest snapshot with --resume latest", errors)

    def test_a_reader_that_went_away_is_a_failed_output(self):
        job = self.start_job(*self.write_readings(20000), "--output", "-")
        job.stdout.close()
        errors = job.stderr.read()
        self.assertEqual(job.wait(timeout=20), 4, errors)
        self.assertIn("closed by whoever read it", errors)


if __name__ == "__main__":
    unittest.main()

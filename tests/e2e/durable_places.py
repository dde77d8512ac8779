"""Snapshot directories that cannot be written any more while the job runs: the stream goes on, and nothing is lost."""

import os
import shutil
import subprocess
import unittest

from _durable_runs import JOB, SnapshotTest

NOBODY = 65534


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


class PlacesTest(SnapshotTest):
    def complains(self, pattern):
        """Whether a snapshot could not be written for that reason."""
        return lambda: any("snapshot could not be written; the stream goes on" in line and pattern in line
                           for line in self.err().splitlines())


class NoPermission(PlacesTest):
    """Run as root, the job runs as nobody, from a copy that nobody may reach: nothing is closed to root."""

    def setUp(self):
        super().setUp()
        self.given["command"] = shutil.copy(self.given["command"], self.folder)
        self.folder.chmod(0o777)
        if os.geteuid() == 0:
            self.given["preexec"] = become_nobody
        try:
            subprocess.run(["true"], preexec_fn=self.given.get("preexec"), check=True)
        except subprocess.SubprocessError as refused:
            self.skipTest(f"root cannot become nobody here: {refused}")

    def closed_after(self, count):
        job = self.start_slow()
        self.wait_for_snapshots(job, JOB, count)
        place = self.folder / "snapshots" / JOB
        place.chmod(0o555)
        self.addCleanup(place.chmod, 0o755)
        self.wait_until(job, self.complains("Permission denied"), "a snapshot that cannot be written")
        return job, place

    def test_opened_again(self):
        job, place = self.closed_after(1)
        self.assertIsNone(job.poll())
        place.chmod(0o755)
        self.assert_exits(job, 0)
        self.assert_committed(self.wanted)

    def test_never_opened_again(self):
        job, place = self.closed_after(1)
        self.assert_exits(job, 4)
        self.assertRegex(self.err(), "Permission denied.*(choose|let|give)")
        place.chmod(0o755)
        self.assert_exits(self.resume_fast(parallelism=1), 0)
        self.assert_committed(self.wanted)


class FullDisk(PlacesTest):
    """The snapshots are on a small tmpfs `disk` in a namespace of its own, which grows when there is a file `more`."""

    sensors = 20_011

    # $0: its size, $@: the command
    on_small_disk = ('mount -t tmpfs -o size="$0" none disk || exit 77; mkdir disk/s; '
                     '(while [ ! -e more ] && [ ! -e over ]; do sleep 0.05; done; mount -o remount,size=256m none disk) & '
                     '"$@"; code=$?; touch over; wait; cp -r disk/s left; exit $code')

    def setUp(self):
        super().setUp()
        (self.folder / "disk").mkdir()
        self.prefix = ["unshare", "-rm", "sh", "-c", self.on_small_disk]
        if not shutil.which("unshare"):
            self.skipTest("no unshare(1): no small disk can be made")
        tried = subprocess.run([*self.prefix, "1m", "true"], cwd=self.folder, stderr=subprocess.PIPE, text=True)
        if tried.returncode != 0:
            self.skipTest(f"no small disk can be mounted here: {tried.stderr.strip()}")
        for left in ("over", "left"):
            subprocess.run(["rm", "-rf", self.folder / left], check=True)

    def start_on_disk(self, size):
        return self.start_slow(prefix=[*self.prefix, size], snapshots="disk/s")

    def test_more_space_in_time(self):
        job = self.start_on_disk("160k")
        self.wait_until(job, self.complains("No space left on device"), "a full disk")
        (self.folder / "more").touch()
        self.assert_exits(job, 0)
        self.assert_committed(self.wanted)

    def test_full_to_the_end(self):
        job = self.start_on_disk("160k")
        self.assert_exits(job, 4)
        self.assertRegex(self.err(), "No space left on device.*free space there")
        self.snapshots = "left"
        self.assert_exits(self.resume_fast(parallelism=4), 0)
        self.assert_committed(self.wanted)


if __name__ == "__main__":
    unittest.main(verbosity=2)  # says why a test is skipped

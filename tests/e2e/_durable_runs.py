"""Jobs whose snapshots outlive their processes: how they are started, killed and resumed, and what they committed."""

import json
import os
import pathlib
import random
import shutil
import subprocess
import time

from _example_runs import EXAMPLES, ExampleTest, decompressed, executable, lines_of, options

FLIGHTS = EXAMPLES / "delay_storms" / "data" / "flights-2001-01.csv.zst"
LOGS = EXAMPLES / "log_alerts" / "data"
SPOILT_EVERY = 500
PATIENCE_S = 60 * int(os.environ.get("WEIR_PATIENCE", "1"))  # more where sanitizers make everything slow
JOB = "sensor-watch"
READINGS = 25_000


def spoilt(lines, every=SPOILT_EVERY):
    """The lines, and among them some that become dead letters."""
    for number, line in enumerate(lines, start=1):
        yield line
        if number % every == 0:
            yield b"spoilt %d\n" % number


def flights(rows):
    """The first flights of January, behind their header."""
    header, *lines = decompressed(FLIGHTS).splitlines(keepends=True)[:rows + 1]
    return b"".join([header, *spoilt(lines)])


class DurableTest(ExampleTest):
    """`self.snapshots` is where start() and resume() let a job keep its snapshots, `out` where its output goes."""

    snapshots = "snapshots"

    def start(self, name, *, command=None, more=(), prefix=(), preexec=None, **given):
        """The job as a process whose standard error goes to the file `err`; `more` are options without a value."""
        words = [*prefix, command or executable(name), *more,
                 *options({"output": "out", "summary": "off", "snapshots": self.snapshots, "snapshot_every": "30ms", **given})]
        with open(self.folder / "err", "wb") as err:
            job = subprocess.Popen(words, cwd=self.folder, stdin=subprocess.DEVNULL, stderr=err,
                                   preexec_fn=preexec)
        self.addCleanup(lambda: job.poll() is None and (job.kill(), job.wait()))
        return job

    def resume(self, name, *, resume="latest", **given):
        return self.start(name, resume=resume, **given)

    def err(self):
        return (self.folder / "err").read_text(errors="replace")

    def assert_exits(self, job, code):
        self.assertEqual(job.wait(timeout=PATIENCE_S), code, self.err())

    def reference(self, name, stems, **given):
        """What the job commits and rejects if it never fails, by stem: sorted lines."""
        outcome = self.run_example(name, output="reference", dead_letters="reference/letters", snapshot_every=0, **given)
        self.assert_ended(outcome, 0)
        return self.committed(stems, "reference", "reference/letters")

    def committed(self, stems, out="out", letters="letters"):
        folder = self.folder / out
        found = {stem: lines_of(sorted(folder.glob(f"{stem}-*.jsonl"))) for stem in stems}
        found["dead letters"] = self.letters(letters)
        return found

    def letters(self, path):
        """Dead letters without what depends on the parallelism and on snapshots: instance and epoch."""
        found = self.dead_letters(path) if (self.folder / path).exists() else []
        for letter in found:
            letter.pop("epoch", None)
            letter["operator"] = letter["operator"].rpartition("/")[0]
        return b"".join(sorted(json.dumps(letter, sort_keys=True).encode() + b"\n" for letter in found))

    def assert_committed(self, wanted, out="out", letters="letters"):
        """Exactly the lines that are wanted, and nothing half done beside them."""
        found = self.committed([stem for stem in wanted if stem != "dead letters"], out, letters)
        for stem, lines in wanted.items():
            self.assertEqual(found[stem].count(b"\n"), lines.count(b"\n"), f"lines of {stem}; {self.err()}")
            self.assertEqual(found[stem], lines, f"{stem}; {self.err()}")
        self.assertEqual([name for name in self.files_in(out) if name.startswith(".")], [], "hidden files stay")

    def snapshots_of(self, job, kind="snapshot"):
        """Complete ones, oldest first."""
        folder = self.folder / self.snapshots / job
        found = folder.glob(f"{kind}-*") if folder.exists() else []
        return sorted(one for one in found if (one / "manifest").exists())

    def wait_until(self, job, holds, what):
        """Waits for `holds()` while the job runs."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            self.assertIsNone(job.poll(), f"it ended before {what}: {self.err()}")
            self.assertLess(time.monotonic(), end, f"it never came to {what}: {self.err()}")
            time.sleep(0.005)

    def wait_for_snapshots(self, process, job, count, kind="snapshot"):
        self.wait_until(process, lambda: len(self.snapshots_of(job, kind)) >= count, f"{count} {kind}s")

    def kill_when(self, process, job, count):
        """Kills the job once it has `count` snapshots."""
        self.wait_for_snapshots(process, job, count)
        process.kill()
        process.wait()

    def weir(self, *words):
        """The command `weir snapshot`: (exit code, standard output, standard error)."""
        tool = pathlib.Path(os.environ["WEIR_BUILD_DIR"]).resolve() / "weir"
        done = subprocess.run([tool, "snapshot", *words], cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE_S)
        return done.returncode, done.stdout, done.stderr


class SnapshotTest(DurableTest):
    """The job is sensor_watch (tests/jobs), which counts the readings of each sensor and can be slow."""

    sensors = 300

    def setUp(self):
        super().setUp()
        (self.folder / "readings").write_bytes(b"".join(spoilt(self.readings())))
        self.given = {"input": "readings", "dead_letters": "letters", "command": executable("sensor_watch", "tests/jobs")}
        self.wanted = self.reference("sensor_watch", ["out"], input="readings", command=self.given["command"])

    def readings(self):
        for i in range(READINGS):
            yield json.dumps({"sensor": f"s{i * i % self.sensors}", "value": i, "at": 1000 * i, "note": "n"}).encode() + b"\n"

    def start_slow(self, **given):
        """It takes two seconds or more."""
        return self.start(JOB, **{**self.given, "pause": "100us", "batch_records": 20, "channel_window": "8KiB", **given})

    def resume_fast(self, **given):
        return self.resume(JOB, **{**self.given, **given})

    def killed_with(self, count):
        """Leaves `count` snapshots of a job that was killed."""
        self.kill_when(self.start_slow(), JOB, count)
        return self.snapshots_of(JOB)

    def begin_anew(self):
        for left in ("out", "snapshots"):
            shutil.rmtree(self.folder / left, ignore_errors=True)
        (self.folder / "letters").unlink(missing_ok=True)


def flip_a_bit(path, at=None):
    """Turns one bit of a file over, in the middle if `at` does not say where."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= 0x10
    rewrite(path, bytes(content))


def truncate(path):
    rewrite(path, path.read_bytes()[:-7])


def rewrite(path, content):
    """As a file of its own: snapshots share files by hard links, which must keep what they hold."""
    path.unlink()
    path.write_bytes(content)


def ways_to_die(seed, longest_s, sinks):
    """Endless: how many new snapshots to wait for, how long to wait behind the last of them, and the job's options."""
    chosen = random.Random(seed)
    while True:
        count = chosen.choice([0, 1, 1, 2, 3])
        yield (count, chosen.uniform(0, longest_s if count == 0 else 0.05),
               {"parallelism": [chosen.choice([1, 2, 3, 4, 8]), *(f"{sink}={chosen.choice([1, 1, 2, 3])}" for sink in sinks)],
                "snapshot_every": chosen.choice(["1ms", "10ms", "30ms"])})

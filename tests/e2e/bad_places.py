"""Places that cannot be read or written: no permission, something in the way, a full disk, a reader that went away.

docs/bad-inputs.md shows the messages. Run as root, the jobs run as nobody, since nothing is closed to root.
"""

import os
import resource
import shutil
import signal
import subprocess
import unittest

from _example_runs import EXAMPLES, ExampleTest, executable

SAMPLE = EXAMPLES / "delay_storms" / "data" / "sample.csv"
JANUARY = EXAMPLES / "delay_storms" / "data" / "flights-2001-01.csv.zst"
NOBODY = 65534
KIB = 1 << 10


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


class PlacesTest(ExampleTest):
    """The test's folder holds `sample.csv` and may be written by everyone."""

    def setUp(self):
        super().setUp()
        shutil.copyfile(SAMPLE, self.folder / "sample.csv")
        self.folder.chmod(0o777)

    def run_storms(self, **given):
        return self.run_example("delay_storms", **{"input": "sample.csv", "output": "out", **given})

    def assert_failed(self, outcome, code, pattern):
        self.assert_ended(outcome, code)
        self.assertRegex(outcome.message, pattern)
        self.assertEqual(self.files_in("out"), [])


class Permissions(PlacesTest):
    """The executable is copied, since nobody may not reach where it was built."""

    @classmethod
    def setUpClass(cls):
        cls.preexec = staticmethod(become_nobody) if os.geteuid() == 0 else None
        try:
            subprocess.run(["true"], preexec_fn=cls.preexec, check=True)
        except subprocess.SubprocessError as refused:
            raise unittest.SkipTest(f"root cannot become nobody here: {refused}")

    def setUp(self):
        super().setUp()
        self.command = shutil.copy(executable("delay_storms"), self.folder)

    def run_storms(self, **given):
        return super().run_storms(command=self.command, preexec=self.preexec, **given)

    def folder_of(self, name, mode):
        """A folder with a file of flights; it can be removed again in the end."""
        folder = self.folder / name
        folder.mkdir()
        shutil.copyfile(SAMPLE, folder / "flights.csv")
        folder.chmod(mode)
        self.addCleanup(folder.chmod, 0o700)

    def test_as_it_should_be(self):
        self.assert_ended(self.run_storms(), 0)

    def test_directory_that_may_not_be_entered(self):
        self.folder_of("closed", 0o000)
        outcome = self.run_storms(input="closed/flights.csv")
        self.assert_failed(outcome, 3, "^cannot enter the directory closed: Permission denied; let this user enter it "
                                       r"\(chmod u\+x closed\) to read closed/flights\.csv")

    def test_directory_that_may_not_be_listed(self):
        self.folder_of("closed", 0o000)
        for path in ("closed", "closed/*.csv"):
            self.assert_failed(self.run_storms(input=path), 3, "^cannot list the directory closed/?: Permission denied; let this "
                                                               r"user list it \(chmod u\+rx closed/?\) or name the files one")

    def test_directory_that_may_only_be_listed(self):
        self.folder_of("listed", 0o744)
        if self.preexec:
            self.assert_failed(self.run_storms(input="listed"), 3, "^cannot enter the directory listed: Permission denied; ")

    def test_one_file_of_several(self):
        (self.folder / "other.csv").write_bytes(SAMPLE.read_bytes())
        (self.folder / "other.csv").chmod(0o000)
        outcome = self.run_storms(input="*.csv")
        self.assert_failed(outcome, 3, r"^cannot read other\.csv: Permission denied; let this user read it \(chmod u\+r other")
        self.assertEqual(outcome.summary["recordsRead"], 0)

    def test_output_directory(self):
        self.folder_of("closed", 0o555)
        for path, what in (("closed", r"cannot create closed/\.storms-0\.jsonl\.inprogress"),
                           ("closed/sub", "cannot create the directory closed/sub"),
                           ("closed/storms.jsonl", r"cannot create closed/\.storms\.jsonl\.inprogress")):
            outcome = self.run_storms(output=path)
            self.assert_failed(outcome, 4, f"^{what}: Permission denied; choose ")
            self.assertEqual(self.files_in("closed"), ["flights.csv"])

    def test_dead_letters_that_were_asked_for(self):
        self.folder_of("closed", 0o555)
        outcome = self.run_storms(dead_letters="closed/letters")
        self.assert_failed(outcome, 4, "--dead-letters: cannot write dead letters to closed: Permission denied; choose another")
        self.assertIsNone(outcome.summary, "it ran")

    def test_dead_letters_by_default(self):
        output = self.folder / "w"
        output.mkdir()
        output.chmod(0o777)
        self.folder.chmod(0o555)
        self.addCleanup(self.folder.chmod, 0o777)
        self.assert_ended(self.run_storms(output="w"), 0)
        (output / "bad.csv").write_bytes(SAMPLE.read_bytes()[:39] + b"bad\n")
        outcome = self.run_storms(input="w/bad.csv", output="w/out")
        self.assert_failed(outcome, 4, r"^cannot write dead letters to \.: Permission denied; choose another")
        self.assertIn("--dead-letters", outcome.summary["failure"]["next"])
        self.assertEqual(self.files_in("w/out"), [])


class InTheWay(PlacesTest):
    def test_file_where_a_directory_should_be(self):
        (self.folder / "file").write_bytes(b"precious")
        for path in ("file", "file/sub", "file/storms.jsonl"):
            outcome = self.run_storms(output=path)
            self.assert_failed(outcome, 4, "^cannot create the directory file(/sub)?: Not a directory; a file is in the way; ")
            self.assertEqual((self.folder / "file").read_bytes(), b"precious")

    def test_an_older_output_is_replaced_only_by_a_whole_one(self):
        (self.folder / "storms.jsonl").write_bytes(b"older")
        (self.folder / "cut").write_bytes(JANUARY.read_bytes()[:100_000])
        self.assert_ended(self.run_storms(input="cut", output="storms.jsonl"), 3)
        self.assertEqual((self.folder / "storms.jsonl").read_bytes(), b"older")
        self.assert_ended(self.run_storms(output="storms.jsonl"), 0)
        self.assertEqual((self.folder / "storms.jsonl").read_bytes().count(b"\n"), 16)
        self.assertEqual(self.files_in("."), ["cut", "sample.csv", "storms.jsonl"])

    def test_a_job_that_writes_the_same(self):
        reading, writing = os.pipe()
        command = [executable("delay_storms"), "--input", "-", "--output", "out"]
        with subprocess.Popen(command, cwd=self.folder, stdin=reading, stderr=subprocess.DEVNULL) as first:
            os.close(reading)
            while self.files_in("out") != [".storms-0.jsonl.inprogress"]:
                self.assertIsNone(first.poll())
            outcome = self.run_storms()
            self.assert_ended(outcome, 4)
            self.assertRegex(outcome.message, r"^out/storms-0\.jsonl is being written already, by another sink or another job")
            os.write(writing, SAMPLE.read_bytes())
            os.close(writing)
            self.assertEqual(first.wait(), 0)
        self.assertEqual(self.files_in("out"), ["storms-0.jsonl"])
        self.assertEqual((self.folder / "out" / "storms-0.jsonl").read_bytes().count(b"\n"), 16)


class FullDisk(PlacesTest):
    """The disk is a small tmpfs `disk` in a namespace of its own, or a limit on the size of each file."""

    # $0: its size, $@: the command. Tells what it left behind, before it is gone.
    on_small_disk = ('mount -t tmpfs -o size="$0" none disk || exit 77; "$@"; code=$?; ls -A disk/out > left 2> /dev/null; '
                     'cp disk/letters letters 2> /dev/null; exit $code')

    def small_disk(self, size):
        """The words before a command that make the disk; skips the test where the system lets us make none."""
        (self.folder / "disk").mkdir(exist_ok=True)
        prefix = ["unshare", "-rm", "sh", "-c", self.on_small_disk, size]
        if not shutil.which("unshare"):
            self.skipTest("no unshare(1): no small disk can be made")
        tried = subprocess.run([*prefix, "true"], cwd=self.folder, stderr=subprocess.PIPE, text=True)
        if tried.returncode != 0:
            self.skipTest(f"no small disk can be mounted here: {tried.stderr.strip()}")
        return prefix

    @staticmethod
    def limit_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (128 * KIB, 128 * KIB))

    def test_output_on_a_full_disk(self):
        outcome = self.run_example("route_board", prefix=self.small_disk("128k"), input=JANUARY, output="disk/out")
        self.assert_ended(outcome, 4)
        self.assertRegex(outcome.message, r"^cannot write disk/out/\.board-0\.jsonl\.inprogress: No space left on device; \d+ bytes "
                                          r"were written; free some space .*; nothing was renamed to disk/out/board-0\.jsonl$")
        self.assertEqual(outcome.summary["failure"]["error"], "disk_full")
        self.assertEqual((self.folder / "left").read_bytes(), b"", "the full disk is given back")

    def test_output_over_the_limit_of_a_file(self):
        outcome = self.run_example("route_board", preexec=self.limit_files, input=JANUARY, output="out")
        self.assert_failed(outcome, 4, r"^cannot write out/\.board-0\.jsonl\.inprogress: File too large; 131072 bytes were written; ")

    def bad_rows(self, count):
        header = SAMPLE.read_bytes().split(b"\n")[0] + b"\n"
        (self.folder / "bad.csv").write_bytes(header + b"".join(b"row %d\n" % number for number in range(count)))
        return {"input": "bad.csv", "output": "out"}

    def assert_letters_full(self, outcome, file):
        """Each line is a whole letter; as many are there as the error says; it names the file and the next step."""
        self.assert_ended(outcome, 4)
        kept = len(self.dead_letters("letters"))
        self.assertGreater(kept, 100)
        self.assertRegex(outcome.message, f"^cannot write a dead letter to {file}: .*; {kept} letters are kept; free some space")
        self.assertEqual(outcome.operator("flights")["badRecords"], kept)
        self.assertRegex(outcome.operator("flights")["positions"][0], rf"^bad\.csv:{kept + 2} ")
        self.assertEqual(self.files_in("out"), [])

    def test_dead_letters_on_a_full_disk(self):
        outcome = self.run_example("delay_storms", prefix=self.small_disk("128k"), dead_letters="disk/letters",
                                   **self.bad_rows(5000))
        self.assert_letters_full(outcome, "disk/letters")

    def test_dead_letters_over_the_limit_of_a_file(self):
        outcome = self.run_example("delay_storms", preexec=self.limit_files, dead_letters="letters", **self.bad_rows(5000))
        self.assert_letters_full(outcome, "letters")


class StandardOutput(PlacesTest):
    def run_into(self, out, **given):
        command = [executable("delay_storms"), "--input", "sample.csv", "--output", "-", "--log-level", "off"]
        return subprocess.run(command, cwd=self.folder, stdout=out, stderr=subprocess.PIPE, text=True, timeout=60, **given)

    def test_full(self):
        with open("/dev/full", "w") as full:
            done = self.run_into(full)
        self.assertEqual(done.returncode, 4)
        self.assertIn("disk_full: cannot write to standard output: No space left on device", done.stderr)

    def test_a_reader_that_went_away(self):
        reading, writing = os.pipe()
        os.close(reading)
        done = self.run_into(writing)
        os.close(writing)
        self.assertEqual(done.returncode, 4)
        self.assertIn("standard output was closed by whoever read it", done.stderr)


class Terminal(PlacesTest):
    def test_input_cannot_command_it(self):
        (self.folder / "flights").write_bytes(SAMPLE.read_bytes()[:39] + b"2001-01-19T00:10,\x1b[31m7\x07,184,JFK,BWI\n")
        done = subprocess.run([executable("delay_storms"), "--input", "flights", "--output", "out", "--on-bad-record", "fail"],
                              cwd=self.folder, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 3)
        self.assertIn(rb"flights:2: delay = \x1b[31m7\x07: is no Int32", done.stderr)
        self.assertEqual([byte for byte in done.stderr if byte < 0x20 and byte != 0x0a], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)  # says why a test is skipped

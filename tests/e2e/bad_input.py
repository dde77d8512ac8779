"""Inputs that are damaged, malformed or empty, and graphs that are wrong: what is said, what is kept, the exit code.

docs/bad-inputs.md shows the messages.
"""

import gzip
import json
import re
import subprocess
import unittest
import zlib

from _example_runs import EXAMPLES, ExampleTest, decompressed, executable

FLIGHTS = EXAMPLES / "delay_storms" / "data"
JANUARY = FLIGHTS / "flights-2001-01.csv.zst"
SAMPLE = FLIGHTS / "sample.csv"
HEADER = b"date,delay,distance,origin,destination\n"
ROW = b"2001-01-19T00:10,76,184,JFK,BWI\n"
MIB = 1 << 20


class BadInputTest(ExampleTest):
    def run_storms(self, content, **given):
        """delay_storms on a file `flights` with this content: bytes, or chunks of them."""
        with open(self.folder / "flights", "wb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)
        return self.run_example("delay_storms", **{"input": "flights", "output": "out", "dead_letters": "letters", **given})

    def assert_refused(self, outcome, *patterns):
        """The input was refused: each pattern is in the message, and nothing looks like an output."""
        self.assert_ended(outcome, 3)
        for pattern in patterns:
            self.assertRegex(outcome.message, pattern)
        self.assertEqual(self.files_in("out"), [])

    def assert_kept(self, outcome, *letters):
        """The job went on. Every record is one that was read or a dead letter: (line, error, pattern of the reason)."""
        self.assert_ended(outcome, 0)
        self.assertEqual(outcome.summary["deadLetters"].get("count", 0), len(letters))
        found = self.dead_letters("letters") if letters else []
        self.assertEqual([(one["operator"], one["position"], one["error"]) for one in found],
                         [("flights/0", f"flights:{line}", error) for line, error, _ in letters])
        for one, (_, _, pattern) in zip(found, letters):
            self.assertRegex(one["reason"], pattern)
        return found


class DamagedFiles(BadInputTest):
    def assert_read_up_to_the_damage(self, outcome, before, offset, cause):
        """`before` is what comes out of the file before the damage: each whole line of it is a record or a letter."""
        self.assert_refused(outcome, rf"^flights: corrupt \w+ input at byte {offset}: {cause}; \d+ records of this file "
                                     r"were read before it, line \d+ and what follows cannot be; replace or repair")
        told_records, told_line = map(int, re.search(r"; (\d+) records .*, line (\d+) ", outcome.message).groups())
        lines = before.count(b"\n")
        self.assertEqual(told_line, lines + 1)
        self.assertEqual(told_records, max(lines - 1, 0) - outcome.summary["deadLetters"]["count"])
        self.assertEqual(outcome.summary["recordsRead"], told_records)
        self.assertEqual(outcome.operator("watch")["recordsIn"], told_records)

    def test_truncated_gzip(self):
        whole = gzip.compress(decompressed(JANUARY), 1)
        for part in (0.0001, 0.5, 0.999):
            cut = whole[:int(len(whole) * part)]
            with self.subTest(bytes=len(cut)):
                before = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(cut)
                self.assert_read_up_to_the_damage(self.run_storms(cut), before, len(cut), "the file is truncated")

    def test_truncated_zstd(self):
        whole = JANUARY.read_bytes()
        for part in (0.001, 0.5, 0.999):
            cut = whole[:int(len(whole) * part)]
            with self.subTest(bytes=len(cut)):
                before = subprocess.run(["zstd", "-dcq"], input=cut, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
                self.assert_read_up_to_the_damage(self.run_storms(cut), before, len(cut), "the file is truncated")

    def test_flipped_bits(self):
        damaged = bytearray(gzip.compress(SAMPLE.read_bytes()))
        damaged[-8] ^= 1  # of the check sum
        outcome = self.run_storms(bytes(damaged))
        self.assert_read_up_to_the_damage(outcome, SAMPLE.read_bytes(), r"\d+", "incorrect data check")
        damaged = bytearray(JANUARY.read_bytes())
        damaged[len(damaged) // 2] ^= 0xff
        outcome = self.run_storms(bytes(damaged))
        self.assert_refused(outcome, r"^flights: corrupt zstd input at byte \d+: .*; \d+ records of this file were read")

    def test_something_else_behind_the_end(self):
        outcome = self.run_storms(gzip.compress(SAMPLE.read_bytes()) + b"and so on")
        self.assert_read_up_to_the_damage(outcome, SAMPLE.read_bytes(), r"\d+", "bytes after the last gzip member.*")

    def test_the_files_before_count(self):
        (self.folder / "a.csv").write_bytes(SAMPLE.read_bytes())
        (self.folder / "b.csv").write_bytes(gzip.compress(SAMPLE.read_bytes())[:-1000])
        outcome = self.run_example("delay_storms", input="*.csv", output="out")
        self.assert_refused(outcome, r"^b\.csv: corrupt gzip input")
        in_first = SAMPLE.read_bytes().count(b"\n") - 1
        in_second = int(re.search(r"(\d+) records of this file", outcome.message).group(1))
        self.assertEqual(outcome.summary["recordsRead"], in_first + in_second)

    def test_another_compression(self):
        outcome = self.run_storms(b"BZh91AY&SY\x8b\xd1\x02\x90\n")
        self.assert_refused(outcome, "^flights: the CSV header cannot be read: invalid UTF-8 at byte ")


class LongLines(BadInputTest):
    length = 100_000_000
    too_large = "^a line of 100000000 bytes is over the limit of 1048576 "

    def line(self):
        return [b"x" * MIB] * (self.length // MIB) + [b"x" * (self.length % MIB), b"\n"]

    def assert_modest(self, outcome):
        self.assertLess(outcome.peak_bytes, 256 * MIB)
        self.assertLess(outcome.summary["peakResidentBytes"], 256 * MIB)

    def test_one_is_a_dead_letter(self):
        outcome = self.run_storms([HEADER, ROW * 3, *self.line(), ROW * 2])
        letter, = self.assert_kept(outcome, (5, "record_too_large", self.too_large))
        self.assertTrue(letter["content"].startswith("xxxx"))
        self.assertEqual(outcome.summary["recordsRead"], 5)
        self.assert_modest(outcome)

    def test_one_at_the_end_without_its_end(self):
        outcome = self.run_storms([HEADER, ROW, *self.line()[:-1]])
        self.assert_kept(outcome, (3, "record_too_large", self.too_large))
        self.assertEqual(outcome.summary["recordsRead"], 1)

    def test_one_in_a_small_gzip(self):
        outcome = self.run_storms(gzip.compress(b"".join([HEADER, ROW, *self.line(), ROW]), 1))
        self.assert_kept(outcome, (3, "record_too_large", self.too_large))
        self.assert_modest(outcome)

    def test_one_stops_the_job_that_shall_stop(self):
        outcome = self.run_storms([HEADER, ROW, *self.line(), ROW], on_bad_record="fail")
        self.assert_refused(outcome, "^flights:3: a line of 100000000 bytes .*--on-bad-record fail")
        self.assertEqual(outcome.summary["failure"]["error"], "record_too_large")

    def test_as_header(self):
        outcome = self.run_storms([*self.line(), ROW])
        self.assert_refused(outcome, "^flights:1: the header: a line of 100000000 bytes is over the limit of 1048576 ")
        self.assert_modest(outcome)

    def test_quote_that_is_never_closed(self):
        outcome = self.run_storms([HEADER, b'2001-01-19T00:10,76,184,"JFK,BWI\n', ROW * 200_000])
        self.assert_kept(outcome, (2, "bad_record", "^a quote is not closed within line_bytes_max"))
        self.assertEqual(outcome.summary["recordsRead"], 200_000)


class BadRows(BadInputTest):
    # a row, and why it is none
    rows = [
        (b"2001-01-19T00:10,76,184,\xff\xfeK,BWI", "^invalid UTF-8 at byte 25$"),
        (b"2001-01-19T00:10,2147483648,184,JFK,BWI", r"^delay = 2147483648: does not fit Int32 \(-2147483648\.\.2147483647\)$"),
        (b"2001-01-19T00:10,-99999999999999999999,184,JFK,BWI", "^delay = -99999999999999999999: does not fit Int32 "),
        (b"2001-01-19T00:10,1.5,184,JFK,BWI", "^delay = 1.5: is no Int32$"),
        (b"2001-01-19T00:10,late,184,JFK,BWI", "^delay = late: is no Int32$"),
        (b"2001-01-19T00:10,,184,JFK,BWI", "^delay is empty$"),
        (b"2001-02-30T00:10,76,184,JFK,BWI", "^date = 2001-02-30T00:10: is neither Int64 nor an ISO-8601 time that fits"),
        (b"9223372036854775808,76,184,JFK,BWI", "^date = 9223372036854775808: "),
        (b"2001-01-19T00:10,76,184,JFK", "^has 4 columns, the header has 5$"),
        (b"2001-01-19T00:10,76,184,JFK,BWI,", "^has 6 columns, the header has 5$"),
        (b'2001-01-19T00:10,76,184,"JFK"x,BWI', "^text after a closing quote at byte 30$"),
        (b'2001-01-19T00:10,76,184,J"FK,BWI', "^a quote inside an unquoted field at byte 26$"),
        (b"2001-01-19T00:10," + b"9" * 100_000 + b",184,JFK,BWI", r"^delay = 9+\.\.\. \(100000 bytes\): does not fit"),
    ]

    def test_each_is_a_dead_letter_with_its_place_and_reason(self):
        content = HEADER + b"".join(ROW + row + b"\n" for row, _ in self.rows) + ROW
        outcome = self.run_storms(content)
        letters = self.assert_kept(outcome, *((2 * number + 3, "bad_record", why)
                                              for number, (_, why) in enumerate(self.rows)))
        self.assertEqual(outcome.summary["recordsRead"], len(self.rows) + 1)
        self.assertEqual(outcome.operator("watch")["recordsIn"], len(self.rows) + 1)
        for letter, (row, _) in zip(letters, self.rows):
            kept = row.decode(errors="replace")[:1 << 16]
            self.assertEqual(letter["content"], kept)
            self.assertEqual(letter.get("content_bytes"), len(row) if len(row) > 1 << 16 else None)

    def test_each_stops_the_job_that_shall_stop(self):
        for row, why in self.rows:
            with self.subTest(row=row[:60]):
                outcome = self.run_storms(HEADER + ROW * 7 + row + b"\n" + ROW, on_bad_record="fail")
                self.assert_refused(outcome, "^flights:9: " + why.strip("^$"), "--on-bad-record fail")
                self.assertEqual(outcome.summary["recordsRead"], 7)
                self.assertFalse((self.folder / "letters").exists())

    def test_a_behavior_refuses_too(self):
        hit = b'192.0.2.1 - - [01/Jun/2015:%02d:00:00 +0000] "GET / HTTP/1.1" 200 10 "-" "-"\n'
        (self.folder / "access").write_bytes(hit % 9 + hit % 8)
        (self.folder / "auth").touch()
        given = {"access": "access", "auth": "auth", "output": "out", "dead_letters": "letters"}
        outcome = self.run_example("log_alerts", on_bad_record="fail", **given)
        self.assert_refused(outcome, "late", "--on-bad-record fail")
        self.assertEqual(outcome.summary["failure"]["error"], "record_rejected")
        self.assertIn("line = 2", outcome.summary["failure"]["record"])
        self.assert_ended(self.run_example("log_alerts", **given), 0)
        letter, = self.dead_letters("letters")
        self.assertEqual((letter["operator"], letter["reason"]), ("access-in-time/0", "late"))
        self.assertIn("line = 2", letter["content"])

    def test_the_rest_is_none_the_worse(self):
        whole, = self.run_and_read(SAMPLE.read_bytes())
        rows = SAMPLE.read_bytes().splitlines(keepends=True)[1:]
        with_bad = HEADER + b"".join(row + b"bad\n" for row in rows)
        self.assertEqual(self.run_and_read(with_bad), [whole])
        self.assertEqual(len(self.dead_letters("letters")), len(rows))

    def run_and_read(self, content):
        self.assert_ended(self.run_storms(content), 0)
        return [sorted((self.folder / "out" / name).read_bytes().splitlines()) for name in self.files_in("out")]

    def test_json_lines(self):
        # a line, and why it is no record; None: it is one
        lines = [
            (b'{"sensor":"a","value":1,"at":5,"note":"n"}', None),
            (b'{"value":1}', None),  # a field that is missing keeps its default
            (b'{"sensor":"a","value":9223372036854775808}', r"^value = 9223372036854775808: does not fit Int64 "),
            (b'{"sensor":"a","value":1.5}', "^value = 1.5: is neither Int64 nor"),
            (b'{"sensor":5}', "^sensor is no JSON string$"),
            (b'{"sensor":"a","value":1', "^malformed JSON: .* at byte 24$"),
            (b'["a"]', "^malformed JSON: the line is no object at byte 1$"),
            (b'{"sensor":"\\ud800"}', "has a malformed escape$"),
            (b'{"sensor":"\xff"}', "^invalid UTF-8 at byte 12$"),
            (b'{"other":' + b"[" * 100_000, "^malformed JSON: "),
        ]
        (self.folder / "readings").write_bytes(b"\n".join(line for line, _ in lines))
        outcome = self.run_example("two_steps", command=executable("two_steps", "tests/jobs"), input="readings", output="out",
                                   dead_letters="letters")
        self.assert_ended(outcome, 0)
        wanted = [(number, why) for number, (_, why) in enumerate(lines, start=1) if why]
        letters = self.dead_letters("letters")
        self.assertEqual([one["position"] for one in letters], [f"readings:{number}" for number, _ in wanted])
        for letter, (_, why) in zip(letters, wanted):
            self.assertRegex(letter["reason"], why)
        written = (self.folder / "out" / "out-0.jsonl").read_text().splitlines()
        self.assertEqual(len(written) + len(letters), len(lines))
        self.assertEqual(json.loads(written[1]), {"sensor": "", "value": 1, "at": 0, "note": ""})


class Headers(BadInputTest):
    def test_missing_column(self):
        content = b"".join(line.rpartition(b",")[0] + b"\n" for line in SAMPLE.read_bytes().splitlines())
        self.assert_refused(self.run_storms(content), "^flights: no column is named 'destination', which Flight has as a field; "
                            "the header has: date, delay, distance, origin; rename the column, or name it in the schema")

    def test_not_as_the_schema_says(self):
        for header, why in (
            (HEADER.replace(b"delay", b"Delay"), "no column is named 'delay'"),
            (HEADER.replace(b"delay", b"date"), "two columns are named 'date'"),
            (HEADER.replace(b",", b";"), "no column is named 'date', .*the header has: date;delay"),
            (b"\xff" + HEADER, "the CSV header cannot be read: invalid UTF-8 at byte 1"),
            (HEADER[:20], "no column is named "),
            (b"", "no column is named 'date'"),
        ):
            with self.subTest(header=header):
                self.assert_refused(self.run_storms(header + ROW), "^flights: " + why)

    def test_marks_that_editors_leave(self):
        outcome = self.run_storms((b"\xef\xbb\xbf" + HEADER + ROW).replace(b"\n", b"\r\n"))
        self.assert_kept(outcome)
        self.assertEqual(outcome.summary["recordsRead"], 1)

    def test_every_file_is_looked_at_before_the_first_is_read(self):
        (self.folder / "a.csv").write_bytes(SAMPLE.read_bytes())
        (self.folder / "b.csv").write_bytes(ROW)
        outcome = self.run_example("delay_storms", input="*.csv", output="out")
        self.assert_refused(outcome, r"^b\.csv: no column is named 'date'")
        self.assertEqual(outcome.summary["recordsRead"], 0)


class Nothing(BadInputTest):
    def test_no_records_are_no_error(self):
        empty = subprocess.run(["zstd", "-cq"], input=b"", stdout=subprocess.PIPE, check=True).stdout
        for content in (b"", HEADER, HEADER.strip(), b"\n\n", gzip.compress(b""), empty):
            with self.subTest(content=content):
                outcome = self.run_storms(content)
                self.assert_kept(outcome)
                self.assertEqual(outcome.summary["recordsRead"], 0)
                self.assertEqual((self.folder / "out" / "storms-0.jsonl").read_bytes(), b"")

    def test_no_files_are_one(self):
        (self.folder / "nothing").mkdir()
        for path, why in (("flights.csv", r"^cannot find flights\.csv: No such file or directory; check the path"),
                          ("*.csv", r"^no file matches \*\.csv; check the pattern"),
                          ("nothing", "^there are no files in the directory nothing"),
                          ("", "^the path of the input is empty")):
            with self.subTest(path=path):
                self.assert_refused(self.run_example("delay_storms", input=path, output="out"), why)


class WrongGraphs(ExampleTest):
    """Nothing runs: no file is opened, no output is made."""

    def assert_refused(self, text, **given):
        outcome = self.run_example("two_steps", command=executable("two_steps", "tests/jobs"), input="none", output="out",
                                   **given)
        self.assert_ended(outcome, 2)
        self.assertIn(text, outcome.err)
        self.assertIsNone(outcome.summary)
        self.assertEqual(self.files_in("."), [])

    def test_two_operators_of_one_name(self):
        self.assert_refused('two operators are named "same", pass and pass: ', first="same", second="same")
        self.assert_refused('two operators are named "readings", a source and pass: ', first="readings")

    def test_cycle(self):
        self.assert_refused("the operators form a cycle: first -> second -> first; ", back="yes")

    def test_name_that_is_none(self):
        self.assert_refused('operator "First step" (pass) has a name with a character that is not allowed, at position 1: ',
                            first="First step")


if __name__ == "__main__":
    unittest.main()

"""What every oracle shares: reading an input file, and printing a record as the JSON-lines sink prints it.

One record per line, fields in schema order, no spaces. Times are ISO-8601 UTC with three fractional digits; doubles
are printed as C++17 std::to_chars(double) prints them; Text escapes only `"`, `\\` and control characters.

Python 3 and its standard library; a .zst input is read through the `zstd` command.
"""

import datetime
import decimal
import gzip
import math
import subprocess
import sys

EPOCH = datetime.datetime(1970, 1, 1)
ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def read_bytes(path):
    """The whole file, decompressed by its name: .zst, .gz or as it is."""
    if path.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq", path], check=True, stdout=subprocess.PIPE).stdout
    with (gzip.open(path) if path.endswith(".gz") else open(path, "rb")) as file:
        return file.read()


def read_lines(path):
    """The lines as bytes, without their line feeds; a last line without a line feed is a line."""
    lines = read_bytes(path).split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


class Time(int):
    """Milliseconds since the epoch that are to be printed as ISO-8601."""


def millis(moment):
    """Milliseconds since the epoch of a naive datetime, read as UTC."""
    return (moment - EPOCH) // datetime.timedelta(milliseconds=1)


def iso(time):
    moment = EPOCH + datetime.timedelta(milliseconds=time)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def double(value):
    """The shortest digits that read back as `value`; fixed notation unless scientific is strictly shorter."""
    if not math.isfinite(value):
        raise ValueError(f"{value} has no JSON form")
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    # repr() gives the shortest digits; only the notation is chosen here. value = 0.DIGITS * 10^point.
    sign, digits, exponent = decimal.Decimal(repr(value)).as_tuple()
    point = len(digits) + exponent
    text = "".join(map(str, digits)).rstrip("0")
    scientific = text[0] + ("." + text[1:] if len(text) > 1 else "") + f"e{point - 1:+03d}"
    if point >= len(text):
        fixed = str(abs(int(value)))  # an integer is printed exactly, not filled up with zeros
    elif point > 0:
        fixed = text[:point] + "." + text[point:]
    else:
        fixed = "0." + "0" * -point + text
    return ("-" if sign else "") + (scientific if len(scientific) < len(fixed) else fixed)


def text(value):
    escaped = (ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in value)
    return '"' + "".join(escaped) + '"'


def field(value):
    if isinstance(value, Time):
        return text(iso(value))
    if isinstance(value, float):
        return double(value)
    return text(value) if isinstance(value, str) else str(int(value))


def record(**fields):
    """One line, as bytes. The order of the arguments is the order of the fields."""
    return ("{" + ",".join(text(name) + ":" + field(value) for name, value in fields.items()) + "}").encode()


def write_sorted(lines):
    """Lines to stdout as `LC_ALL=C sort` leaves them."""
    sys.stdout.buffer.write(b"".join(line + b"\n" for line in sorted(lines)))

#!/usr/bin/env python3
"""What examples/log_alerts must find, computed from whole lists.

Usage: log_alerts.py alerts|paths|rejected ACCESS.log AUTH.log [YEAR=2015]
"""

import collections
import datetime
import re
import sys

import json_lines
from json_lines import Time

SECOND = 1_000
MINUTE = 60 * SECOND
ACCESS_DISORDER = 60 * SECOND
AUTH_DISORDER = 5 * SECOND

Hit = collections.namedtuple("Hit", "time source path status")
Failure = collections.namedtuple("Failure", "time source times")
Rejected = collections.namedtuple("Rejected", "input line reason")

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
QUOTED = r'"((?:[^"\\]|\\.)*)"'
ACCESS_LINE = re.compile(
    r"([^ ]+) [^ ]+ [^ ]+ "
    r"\[([0-9]{2})/([A-Z][a-z]{2})/([0-9]{4}):([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})\] "
    + QUOTED + r" ([0-9]{3}) ([0-9]+|-) " + QUOTED + " " + QUOTED,
    re.DOTALL,
)
SYSLOG_LINE = re.compile(r"([A-Z][a-z]{2}) ([ 0-9][0-9]) ([0-9]{2}):([0-9]{2}):([0-9]{2}) [^ ]+ (.+)", re.DOTALL)
SSHD = re.compile(r"sshd(?:\[[0-9]+\])?: (.*)", re.DOTALL)
REPEATED = re.compile(r"message repeated ([0-9]+) times: \[ (.*)\]", re.DOTALL)
ADDRESS = re.compile(r"([^ ]+) port [0-9]+ ssh2")
FAILED = "Failed password for "


class Malformed(Exception):
    """Why a line is no record."""


def moment(year, month, day, hour, minute, second):
    try:
        when = datetime.datetime(int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))
    except ValueError:
        raise Malformed("no such time") from None
    return json_lines.millis(when)


def parse_access(line):
    match = ACCESS_LINE.fullmatch(line)
    if not match:
        raise Malformed("not a combined log line")
    source, day, month, year, hour, minute, second = match.groups()[:7]
    sign, off_hours, off_minutes, request, status, size, _, _ = match.groups()[7:]
    if not 100 <= int(status) <= 599:
        raise Malformed("no such status")
    if size != "-" and int(size) >= 2**64:
        raise Malformed("too many bytes")
    local = moment(year, month, day, hour, minute, second)
    if int(off_hours) > 23 or int(off_minutes) > 59:
        raise Malformed("no such time")
    offset = (int(off_hours) * 60 + int(off_minutes)) * MINUTE
    words = request.split(" ")
    path = words[1].split("?")[0] if len(words) == 3 and all(words) else "-"
    return Hit(local - offset if sign == "+" else local + offset, source, path, int(status))


def parse_auth(line, year):
    """None for a line that is fine but tells of no failed password."""
    match = SYSLOG_LINE.fullmatch(line)
    if not match:
        raise Malformed("not a syslog line")
    *when, rest = match.groups()
    time = moment(year, *when)
    sshd = SSHD.fullmatch(rest)
    if not sshd:
        return None
    message, times = sshd.group(1), 1
    repeated = REPEATED.fullmatch(message)
    if repeated:
        message, times = repeated.group(2), int(repeated.group(1))
    if not message.startswith(FAILED):
        return None
    if not 1 <= times <= 100:
        raise Malformed("repeated too often or never")
    _, found, address = message[len(FAILED):].rpartition(" from ")
    match = ADDRESS.fullmatch(address)
    if not found or not match:
        raise Malformed("not a failed password")
    return Failure(time, match.group(1), times)


def read(path, name, parse, disorder):
    """The records of one input in line order, without late ones; and what was rejected."""
    records, rejected, latest = [], [], None
    for number, raw in enumerate(json_lines.read_lines(path), start=1):
        try:
            try:
                line = raw.decode("utf-8")
            except UnicodeDecodeError:
                raise Malformed("not UTF-8") from None
            parsed = parse(line)
            if parsed is None:
                continue
            if latest is not None and parsed.time < latest - disorder:
                raise Malformed("late")
            latest = parsed.time if latest is None else max(latest, parsed.time)
            records.append(parsed)
        except Malformed as reason:
            rejected.append(Rejected(name, number, str(reason)))
    return records, rejected


def alerts(hits, failures):
    times_by_source = collections.defaultdict(list)
    for failure in failures:
        times_by_source[failure.source] += [failure.time] * failure.times
    for source, times in times_by_source.items():
        times.sort()
        begin = 0  # no failure before it counts any more
        for i in range(len(times)):
            if i - 4 >= begin and times[i] - times[i - 4] <= 60 * SECOND:
                begin = i + 1
                recent = [h for h in hits if h.source == source and times[i] - 10 * MINUTE <= h.time <= times[i]]
                yield json_lines.record(
                    source=source,
                    first=Time(times[i - 4]),
                    last=Time(times[i]),
                    hits=len(recent),
                    errors=len([hit for hit in recent if hit.status >= 400]),
                )


def paths(hits):
    groups = collections.defaultdict(list)
    for hit in hits:
        groups[hit.time // MINUTE * MINUTE, hit.path].append(hit)
    for (minute, path), group in groups.items():
        yield json_lines.record(
            minute=Time(minute),
            path=path,
            hits=len(group),
            errors=len([hit for hit in group if hit.status >= 400]),
        )


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5) or sys.argv[1] not in ("alerts", "paths", "rejected"):
        raise SystemExit(__doc__)
    year = int(sys.argv[4]) if len(sys.argv) == 5 else 2015
    hits, bad_hits = read(sys.argv[2], "access", parse_access, ACCESS_DISORDER)
    failures, bad_failures = read(sys.argv[3], "auth", lambda line: parse_auth(line, year), AUTH_DISORDER)
    outputs = {
        "alerts": lambda: alerts(hits, failures),
        "paths": lambda: paths(hits),
        "rejected": lambda: (json_lines.record(**bad._asdict()) for bad in bad_hits + bad_failures),
    }
    json_lines.write_sorted(outputs[sys.argv[1]]())

"""Reads the flights' CSV, strictly: a row that is not exactly as documented stops the oracle."""

import collections
import datetime
import functools
import re

import json_lines

Flight = collections.namedtuple("Flight", "date delay distance origin destination")
ROW = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d),(-?\d+),(\d+),([A-Z]{3}),([A-Z]{3})", re.ASCII)


@functools.lru_cache(maxsize=1024)
def parse_date(text):
    return json_lines.millis(datetime.datetime.fromisoformat(text))


def read(path):
    """All flights in file order; `date` in ms since the epoch."""
    header, *rows = json_lines.read_lines(path)
    if header != b"date,delay,distance,origin,destination":
        raise SystemExit(f"{path}:1: unexpected header {header!r}")
    flights = []
    for number, row in enumerate(rows, start=2):
        match = ROW.fullmatch(row.decode("ascii"))
        if not match:
            raise SystemExit(f"{path}:{number}: not a flight: {row!r}")
        date, delay, distance, origin, destination = match.groups()
        flights.append(Flight(parse_date(date), int(delay), int(distance), origin, destination))
    return flights

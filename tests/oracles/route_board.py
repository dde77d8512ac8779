#!/usr/bin/env python3
"""What examples/route_board must print, computed from whole lists.

Usage: route_board.py board|late FLIGHTS.csv[.zst|.gz] [BOUND_HOURS=24]
"""

import collections
import itertools
import sys

import flights
import json_lines
from json_lines import Time

MINUTE = 60_000
HOUR = 60 * MINUTE

Arrival = collections.namedtuple("Arrival", "flight departed hour watermark is_late")


def arrivals(all_flights, bound):
    """Each flight with the watermark that held when it arrived, by the formula of the README; the first has none."""
    departed = [flight.date + flight.delay * MINUTE for flight in all_flights]
    latest_before = [None] + list(itertools.accumulate(departed, max))
    result = []
    for flight, own, latest in zip(all_flights, departed, latest_before):
        hour = own // HOUR * HOUR
        watermark = None if latest is None else latest - bound - 1
        is_late = watermark is not None and watermark >= hour + HOUR - 1
        result.append(Arrival(flight, own, hour, watermark, is_late))
    return result


def by_origin_and_hour(some):
    groups = collections.defaultdict(list)
    for arrival in some:
        groups[arrival.flight.origin, arrival.hour].append(arrival)
    return groups


def board(all_arrivals):
    in_time = [arrival for arrival in all_arrivals if not arrival.is_late]
    for (origin, hour), group in by_origin_and_hour(in_time).items():
        delays = [arrival.flight.delay for arrival in group]
        over15 = [delay for delay in delays if delay > 15]
        yield json_lines.record(
            origin=origin,
            hour=Time(hour),
            flights=len(delays),
            meanDelay=float(sum(delays)) / float(len(delays)),
            maxDelay=max(delays),
            over15=float(len(over15)) / float(len(delays)),
        )


def late(all_arrivals):
    too_late = [arrival for arrival in all_arrivals if arrival.is_late]
    for (origin, hour), group in by_origin_and_hour(too_late).items():
        for count, arrival in enumerate(group, start=1):
            yield json_lines.record(
                origin=origin,
                hour=Time(hour),
                destination=arrival.flight.destination,
                departed=Time(arrival.departed),
                delay=arrival.flight.delay,
                watermark=Time(arrival.watermark),
                count=count,
            )


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in ("board", "late"):
        raise SystemExit(__doc__)
    bound_hours = int(sys.argv[3]) if len(sys.argv) == 4 else 24
    outputs = {"board": board, "late": late}
    json_lines.write_sorted(outputs[sys.argv[1]](arrivals(flights.read(sys.argv[2]), bound_hours * HOUR)))

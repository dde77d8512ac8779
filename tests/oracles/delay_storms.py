#!/usr/bin/env python3
"""What examples/delay_storms must find, computed by grouping and sorting.

Usage: delay_storms.py FLIGHTS.csv[.zst|.gz]
"""

import collections
import sys

import flights
import json_lines
from json_lines import Time

MINUTE = 60_000


def split_at_calms(late):
    """Cuts flights sorted by date wherever more than 60 minutes lie between two neighbours."""
    cuts = [i for i in range(1, len(late)) if late[i].date - late[i - 1].date > 60 * MINUTE]
    return [late[begin:end] for begin, end in zip([0] + cuts, cuts + [len(late)])]


def storms(all_flights):
    late_by_airport = collections.defaultdict(list)
    for flight in all_flights:
        if flight.delay >= 30:
            late_by_airport[flight.origin].append(flight)
    for airport, late in late_by_airport.items():
        for storm in split_at_calms(sorted(late, key=lambda flight: flight.date)):
            if len(storm) >= 5:
                delays = [flight.delay for flight in storm]
                yield json_lines.record(
                    airport=airport,
                    first=Time(storm[0].date),
                    last=Time(storm[-1].date),
                    departures=len(storm),
                    meanDelay=float(sum(delays)) / float(len(delays)),
                    worstDelay=max(delays),
                )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    json_lines.write_sorted(storms(flights.read(sys.argv[1])))

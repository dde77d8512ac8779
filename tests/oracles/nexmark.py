#!/usr/bin/env python3
"""What bench/nexmark must find: each query over the generator's JSON files, in one thread, by grouping and sorting.

Usage: nexmark.py QUERY EVENTS_FOLDER

EVENTS_FOLDER is what `nexmark --generate` wrote. Prints the sorted lines of the query's results. docs/nexmark.md says what
each query means; times are milliseconds. q12 follows the machine's clock, so only the sums of its results are printed.
"""

import collections
import heapq
import json
import os
import re
import sys

import json_lines

SECOND = 1000
DAY = 24 * 3600 * SECOND


class Events:
    """The events of a folder, each kind in the order of their numbers."""

    def __init__(self, folder):
        self._folder = folder

    def _read(self, kind):
        for name in sorted(os.listdir(self._folder)):
            if name.startswith(kind + "-"):
                with open(os.path.join(self._folder, name), encoding="utf-8") as lines:
                    yield from map(json.loads, lines)

    def persons(self):
        return self._read("persons")

    def auctions(self):
        return self._read("auctions")

    def bids(self):
        return self._read("bids")


def pick(source, *names):
    return {name: source[name] for name in names}


def iso_parts(time):
    """(day, minute) of a time: 2026-01-31, 23:59."""
    text = json_lines.iso(time)
    return text[:10], text[11:16]


def tumbling(time, size):
    return time // size * size


# --- one bid at a time ------------------------------------------------------------------------------------------------


def q0(events):
    for bid in events.bids():
        yield pick(bid, "auction", "bidder", "price", "dateTime", "extra")


def q1(events):
    for bid in events.bids():
        yield dict(auction=bid["auction"], bidder=bid["bidder"], priceThousandths=908 * bid["price"],
                   dateTime=bid["dateTime"], extra=bid["extra"])


def q2(events):
    for bid in events.bids():
        if bid["auction"] % 123 == 0:
            yield pick(bid, "auction", "price")


def q10(events):
    for bid in events.bids():
        day, minute = iso_parts(bid["dateTime"])
        yield dict(pick(bid, "auction", "bidder", "price", "dateTime", "extra"), dt=day, hm=minute)


def q13(events):
    side = {key: str(key) for key in range(10_000)}
    for bid in events.bids():
        yield dict(pick(bid, "auction", "bidder", "price", "dateTime"), value=side[bid["auction"] % 10_000])


def q14(events):
    for bid in events.bids():
        euros = 908 * bid["price"]
        if not 1_000_000 * 1000 < euros < 50_000_000 * 1000:
            continue
        hour = int(iso_parts(bid["dateTime"])[1][:2])
        when = "dayTime" if 8 <= hour <= 18 else "nightTime" if hour <= 6 or hour >= 20 else "otherTime"
        yield dict(auction=bid["auction"], bidder=bid["bidder"], priceThousandths=euros, bidTimeType=when,
                   dateTime=bid["dateTime"], extra=bid["extra"], cCounts=bid["extra"].count("c"))


FIXED_CHANNELS = {"apple": "0", "google": "1", "facebook": "2", "baidu": "3"}


def q21(events):
    for bid in events.bids():
        found = re.search(r"(&|^)channel_id=([^&]*)", bid["url"])
        channel_id = FIXED_CHANNELS.get(bid["channel"].lower(), found.group(2) if found else None)
        if channel_id is not None:
            yield dict(pick(bid, "auction", "bidder", "price", "channel"), channelId=channel_id)


def q22(events):
    for bid in events.bids():
        parts = bid["url"].split("/") + [""] * 6
        yield dict(pick(bid, "auction", "bidder", "price", "channel"), dir1=parts[3], dir2=parts[4], dir3=parts[5])


# --- joins ------------------------------------------------------------------------------------------------------------


def q3(events):
    locals_ = {p["id"]: p for p in events.persons() if p["state"] in ("OR", "ID", "CA")}
    for auction in events.auctions():
        if auction["category"] == 10 and auction["seller"] in locals_:
            yield dict(pick(locals_[auction["seller"]], "name", "city", "state"), id=auction["id"])


def q8(events):
    sellers = {(a["seller"], tumbling(a["dateTime"], 10 * SECOND)) for a in events.auctions()}
    for person in events.persons():
        start = tumbling(person["dateTime"], 10 * SECOND)
        if (person["id"], start) in sellers:
            yield dict(id=person["id"], name=person["name"], starttime=start)


def q20(events):
    auctions = {a["id"]: a for a in events.auctions() if a["category"] == 10}
    for bid in events.bids():
        a = auctions.get(bid["auction"])
        if a:
            yield dict(pick(bid, "auction", "bidder", "price", "channel", "url"), bidDateTime=bid["dateTime"],
                       bidExtra=bid["extra"], itemName=a["itemName"], description=a["description"],
                       initialBid=a["initialBid"], reserve=a["reserve"], auctionDateTime=a["dateTime"],
                       expires=a["expires"], seller=a["seller"], category=a["category"], auctionExtra=a["extra"])


def best_first(bid):
    """The highest price; of equal ones the first, then the lowest bidder, then the first `extra` by its characters."""
    return -bid["price"], bid["dateTime"], bid["bidder"], bid["extra"]


def winners(events):
    """(auction, its best bid among those made while it was open), for auctions that have one."""
    bids = collections.defaultdict(list)
    for bid in events.bids():
        bids[bid["auction"]].append(bid)
    for auction in events.auctions():
        valid = [b for b in bids[auction["id"]] if auction["dateTime"] <= b["dateTime"] <= auction["expires"]]
        if valid:
            yield auction, min(valid, key=best_first)


def q9(events):
    for auction, bid in winners(events):
        yield dict(auction, bidder=bid["bidder"], price=bid["price"], bidDateTime=bid["dateTime"], bidExtra=bid["extra"])


def closings(events):
    """The same in the order in which the auctions close."""
    return sorted(winners(events), key=lambda won: (won[0]["expires"], won[0]["id"]))


def q4(events):
    sums = collections.Counter()
    counts = collections.Counter()
    averages = {}
    for auction, bid in closings(events):
        category = auction["category"]
        sums[category] += bid["price"]
        counts[category] += 1
        averages[category, auction["expires"]] = sums[category] // counts[category]
    for (category, time), average in averages.items():
        yield dict(category=category, average=average, dateTime=time)


def q6(events):
    last = collections.defaultdict(lambda: collections.deque(maxlen=10))
    for auction, bid in closings(events):
        prices = last[auction["seller"]]
        prices.append(bid["price"])
        yield dict(seller=auction["seller"], average=sum(prices) // len(prices), auction=auction["id"],
                   dateTime=auction["expires"])


# --- windows ----------------------------------------------------------------------------------------------------------


def q5(events):
    counts = collections.defaultdict(collections.Counter)
    for bid in events.bids():
        newest = tumbling(bid["dateTime"], 2 * SECOND)
        for start in range(newest - 8 * SECOND, newest + 1, 2 * SECOND):
            counts[start][bid["auction"]] += 1
    for start, of_window in counts.items():
        most = max(of_window.values())
        for auction, number in of_window.items():
            if number == most:
                yield dict(auction=auction, num=number, starttime=start, endtime=start + 10 * SECOND)


def q7(events):
    windows = collections.defaultdict(list)
    for bid in events.bids():
        windows[tumbling(bid["dateTime"], 10 * SECOND)].append(bid)
    for bids in windows.values():
        highest = max(bid["price"] for bid in bids)
        for bid in bids:
            if bid["price"] == highest:
                yield pick(bid, "auction", "bidder", "price", "dateTime", "extra")


def q11(events):
    times = collections.defaultdict(list)
    for bid in events.bids():
        times[bid["bidder"]].append(bid["dateTime"])
    for bidder, of_bidder in times.items():
        of_bidder.sort()
        cuts = [i for i in range(1, len(of_bidder)) if of_bidder[i] - of_bidder[i - 1] > 10 * SECOND]
        for begin, end in zip([0] + cuts, cuts + [len(of_bidder)]):
            yield dict(bidder=bidder, bidCount=end - begin, starttime=of_bidder[begin],
                       endtime=of_bidder[end - 1] + 10 * SECOND)


def q12(events):
    counts = collections.Counter(bid["bidder"] for bid in events.bids())
    for bidder, count in counts.items():
        yield dict(bidder=bidder, bidCount=count)


# --- days -------------------------------------------------------------------------------------------------------------


def rank(price):
    return 1 if price < 10_000 else 2 if price < 1_000_000 else 3


def counted(bids):
    """Fields that q15, q16 and q17 share, first the counts of bids."""
    ranks = collections.Counter(rank(bid["price"]) for bid in bids)
    return dict(totalBids=len(bids), rank1Bids=ranks[1], rank2Bids=ranks[2], rank3Bids=ranks[3])


def distinct(bids, what, field):
    result = {f"total{what}": len({bid[field] for bid in bids})}
    for number in (1, 2, 3):
        result[f"rank{number}{what}"] = len({bid[field] for bid in bids if rank(bid["price"]) == number})
    return result


def grouped(bids, key):
    groups = collections.defaultdict(list)
    for bid in bids:
        groups[key(bid)].append(bid)
    return groups


def q15(events):
    for day, bids in grouped(events.bids(), lambda bid: iso_parts(bid["dateTime"])[0]).items():
        yield dict(day=day, **counted(bids), **distinct(bids, "Bidders", "bidder"), **distinct(bids, "Auctions", "auction"))


def q16(events):
    groups = grouped(events.bids(), lambda bid: (bid["channel"], iso_parts(bid["dateTime"])[0]))
    for (channel, day), bids in groups.items():
        yield dict(channel=channel, day=day, minute=max(iso_parts(bid["dateTime"])[1] for bid in bids), **counted(bids),
                   **distinct(bids, "Bidders", "bidder"), **distinct(bids, "Auctions", "auction"))


def q17(events):
    groups = grouped(events.bids(), lambda bid: (bid["auction"], iso_parts(bid["dateTime"])[0]))
    for (auction, day), bids in groups.items():
        prices = [bid["price"] for bid in bids]
        yield dict(auction=auction, day=day, **counted(bids), minPrice=min(prices), maxPrice=max(prices),
                   avgPrice=sum(prices) // len(prices), sumPrice=sum(prices))


# --- the last and the best ---------------------------------------------------------------------------------------------


def by_millisecond(bids, key):
    """(key, bids of one millisecond) of each key, in order of time."""
    groups = grouped(bids, lambda bid: (key(bid), bid["dateTime"]))
    for (of, _), together in sorted(groups.items(), key=lambda group: group[0]):
        yield of, together


def q18(events):
    for _, together in by_millisecond(events.bids(), lambda bid: (bid["auction"], bid["bidder"])):
        yield max(together, key=lambda bid: (bid["price"], bid["extra"]))


def q19(events):
    before = None
    best = []
    for auction, together in by_millisecond(events.bids(), lambda bid: bid["auction"]):
        if auction != before:
            before, best = auction, []
        ranked = heapq.nsmallest(10, best + together, key=best_first)
        for place, bid in enumerate(ranked):
            if place >= len(best) or best[place] is not bid:
                yield dict(bid, rankNumber=place + 1)
        best = ranked


QUERIES = {name: value for name, value in globals().items() if re.fullmatch(r"q\d+", name)}


def results(query, folder):
    """The sorted lines of a query's results, as bytes."""
    return sorted(json_lines.record(**row) for row in QUERIES[query](Events(folder)))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in QUERIES:
        raise SystemExit(__doc__)
    json_lines.write_sorted(results(sys.argv[1], sys.argv[2]))

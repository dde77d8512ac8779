#!/usr/bin/env python3
"""Writes access.log and auth.log beside this script: the test input of log_alerts, the same bytes every time.

Nothing in them was ever logged. Addresses are from the ranges kept for documentation (RFC 5737, RFC 3849). Ordinary
traffic is drawn from a seeded generator; the scenes in between are written by hand, one for each edge of the rules in
../README.md, each from addresses of its own.
"""

import datetime
import os
import random

BEGIN = datetime.datetime(2015, 5, 31, 22, 0, 0)  # four hours, across midnight, a month and a one-digit day
SECONDS = 4 * 3600
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

# Only random() is used: its sequence is promised to stay, that of choice() and randrange() is not.
draw = random.Random(20150531).random

access = []  # (second at which it is written, bytes); sorted by that second at the end, ties as added
auth = []


def below(limit):
    return int(draw() * limit)


def pick(some):
    return some[below(len(some))]


def at(clock):
    """'23:15:00' as seconds since BEGIN."""
    hours, minutes, seconds = map(int, clock.split(":"))
    return (hours - 22) % 24 * 3600 + minutes * 60 + seconds


# ---- lines ----

def hit(second, source, target, status=200, size="512", agent="Mozilla/5.0 (X11; Linux x86_64)", **more):
    """One request. `request` replaces it whole; `zone` is minutes east; `written` is when it reaches the file."""
    zone = more.get("zone", 0)
    moment = BEGIN + datetime.timedelta(seconds=second, minutes=zone)
    stamp = f"{moment.day:02d}/{MONTHS[moment.month - 1]}/{moment.year}:{moment:%H:%M:%S}"
    east = f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02d}{abs(zone) % 60:02d}"
    request = more.get("request", f"{more.get('method', 'GET')} {target} HTTP/1.1")
    who, result = f'{source} - {more.get("user", "-")}', f'{status} {size}'
    line = f'{who} [{stamp} {east}] "{request}" {result} "{more.get("referrer", "-")}" "{agent}"'
    access.append((more.get("written", second), line.encode()))


def syslog(second, tag, message, written=None):
    moment = BEGIN + datetime.timedelta(seconds=second)
    stamp = f"{MONTHS[moment.month - 1]} {moment.day:2d} {moment:%H:%M:%S}"
    auth.append((second if written is None else written, f"{stamp} gate {tag}: {message}".encode()))


def failed(source, user="root", port=40022):
    return f"Failed password for {user} from {source} port {port} ssh2"


def fail(second, source, user="root", written=None):
    syslog(second, f"sshd[{1000 + second % 9000}]", failed(source, user, 30000 + second % 30000), written)


def repeated(second, source, times, user="root"):
    syslog(second, f"sshd[{1000 + second % 9000}]", f"message repeated {times} times: [ {failed(source, user)}]")


# ---- ordinary traffic ----

PAGES = ["/", "/about", "/articles/weirs", "/articles/weirs?page=2", "/articles/locks", "/static/site.css",
         "/static/site.js", "/images/weir.png", "/images/lock.png", "/feed.xml", "/search?q=weir",
         "/search?q=a%20b&page=3", "/robots.txt", "/favicon.ico", "/api/levels?river=thames",
         "/api/levels", "/docs/", "/docs/install#debian"]
PROBES = ["/wp-login.php", "/admin", "/.env", "/phpmyadmin/", "/cgi-bin/test?x=1"]
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (Windows NT 6.1; rv:38.0)", "curl/7.38.0", "-",
          "feedreader/1.2", r"probe \"quoted\" agent", r"back\\slash \\\" agent", r"tab\tagent \x1b[0m"]
VISITORS = [f"192.0.2.{n}" for n in range(100, 140)] + [f"2001:db8:1::{n:x}" for n in range(1, 30)]
ATTACKERS = [f"203.0.113.{n}" for n in range(10, 26)] + [f"2001:db8:bad::{n:x}" for n in range(1, 5)]
USERS = ["root", "root", "invalid user admin", "invalid user ", "invalid user pi", "backup",
         "invalid user test user", "invalid user jürgen"]


def ordinary_hits():
    for _ in range(4660):
        second = below(SECONDS)
        written = second + (1 + below(45) if draw() < 0.25 else 0)  # logged when done: slow requests come late
        target, status, size = pick(PAGES), 200, str(200 + below(90000))
        chance = draw()
        if chance < 0.08:
            status, size = 304, "-"
        elif chance < 0.14:
            target, status, size = pick(PROBES), 404, "162"
        elif chance < 0.16:
            status, size = pick([500, 502, 503, 400, 403, 301]), "0"
        zone = pick([120, -420, 330]) if draw() < 0.03 else 0
        method = "POST" if draw() < 0.05 else "GET"
        hit(second, pick(VISITORS), target, status, size, pick(AGENTS), zone=zone, method=method, written=written)


def attack(source):
    """A random burst of failures, with some looking around on the web before and after."""
    second = 900 + below(SECONDS - 1800)
    for _ in range(3 + below(14)):
        fail(second, source, pick(USERS), second + (1 + below(5) if draw() < 0.2 else 0))
        if draw() < 0.15:
            second += below(3)
            repeated(second, source, 1 + below(6))
        second += below(25)
    for _ in range(below(25)):
        when = second - 1000 + below(1200)
        hit(when, source, pick(PROBES), pick([404, 404, 403, 200]), "162", written=when + below(50))


def ordinary_auth():
    for second in range(17, SECONDS, 60):
        syslog(second, f"CRON[{2000 + second}]", "pam_unix(cron:session): session opened for user root by (uid=0)")
        syslog(second, f"CRON[{2000 + second}]", "pam_unix(cron:session): session closed for user root")
    for _ in range(180):
        second, source, pid = below(SECONDS), pick(VISITORS), f"sshd[{1000 + below(9000)}]"
        syslog(second, pid, f"Accepted publickey for ferry from {source} port {30000 + below(30000)} ssh2: RSA SHA256:abc")
        syslog(second, "systemd-logind[611]", f"New session {below(1000)} of user ferry.")
        syslog(second + below(30), pid, f"Received disconnect from {source} port 40000:11: disconnected by user")
    for _ in range(280):
        second, source = below(SECONDS), f"198.51.100.{100 + below(120)}"
        fail(second, source, pick(USERS), second + (1 + below(5) if draw() < 0.1 else 0))
        syslog(second, "sshd[7777]", f"Connection closed by {source} port 40000 [preauth]")
    for _ in range(60):
        syslog(below(SECONDS), "sshd[7778]", f"Invalid user admin from 198.51.100.{100 + below(120)}")


# ---- scenes ----

def edges_of_sixty_seconds():
    t = at("22:20:00")
    for s in (0, 15, 30, 45, 60):
        fail(t + s, "198.51.100.1")  # exactly 60 s: one alert
    for s in (0, 15, 30, 45, 61):
        fail(t + s, "198.51.100.2")  # 61 s: none
    for s in (0, 15, 30, 45, 61, 75):
        fail(t + s, "198.51.100.3")  # the last five span 60 s: one alert, its first failure at 15
    for s in range(9):
        fail(t + s, "198.51.100.4")  # counting starts anew after an alert: one
    for s in range(10):
        fail(t + 2 * s, "198.51.100.5")  # two
    for _ in range(5):
        fail(t + 7, "198.51.100.6")  # all at once: one
    for s in (0, 1, 2, 3):
        fail(t + s, "198.51.100.7")  # four only


def repeats():
    t = at("22:40:00")
    fail(t, "198.51.100.11")
    repeated(t + 10, "198.51.100.11", 4)  # the 5th: one alert
    repeated(t, "198.51.100.12", 12)  # two equal alerts, two failures left over
    for s in (59, 60):
        fail(t + s, "198.51.100.12")
    repeated(t + 60, "198.51.100.12", 1)  # and the 5th after them: a third alert
    repeated(t, "198.51.100.13", 100)  # the most that is taken: twenty equal alerts
    repeated(t, "198.51.100.14", 101)  # rejected
    repeated(t, "198.51.100.14", 0)  # rejected
    syslog(t, "sshd[5]", "message repeated 300 times: [ Connection closed by 198.51.100.14 port 1 [preauth]]")  # ignored


def strange_users():
    t = at("23:00:00")
    for s in range(5):
        fail(t + s, "198.51.100.21", "invalid user ")  # an empty name
        # A name that looks like an address.
        fail(t + s, "198.51.100.22", "invalid user root from 198.51.100.23 port 22 ssh2")
        fail(t + s, "2001:db8::21", "invalid user two words")
        syslog(t + s, "sshd", failed("198.51.100.24"))  # no process id
        syslog(t + s, "su[9]", failed("198.51.100.25"))  # not sshd: ignored
        syslog(t + s, "sshd[9]", failed("198.51.100.25").replace("password", "publickey"))  # ignored


def out_of_order_failures():
    t = at("23:20:00")
    for s in (0, 15, 30, 45, 62):
        fail(t + s, "198.51.100.31")
    fail(t + 60, "198.51.100.31", written=t + 62)  # in order of time it is the 5th: an alert at 60, first failure at 0
    for s in (0, 1, 2, 3):
        fail(t + 100 + s, "198.51.100.32")
        fail(t + 100 + s, "198.51.100.33")
    fail(t + 110, "198.51.100.34")
    fail(t + 105, "198.51.100.32", written=t + 110)  # exactly 5 s behind: in time, one alert
    fail(t + 104, "198.51.100.33", written=t + 110)  # 6 s behind: late, no alert


def burst(second, source):
    for s in range(5):
        fail(second + s - 4, source)


def hits_before_an_alert():
    t = at("23:40:00")
    for source in ("198.51.100.41", "2001:db8::41"):
        burst(t, source)
        hit(t - 601, source, "/too/early", 404)
        hit(t - 600, source, "/just/in/time", 404)  # counted
        hit(t - 300, source, "/before", 399)  # counted, no error
        hit(t - 299, source, "/before", 400, written=t - 239)  # counted, written late
        hit(t, source, "/same/second", 503)  # counted
        hit(t + 1, source, "/too/late", 404)
    burst(t, "198.51.100.42")  # never seen on the web: 0 and 0
    for s in range(0, 900, 90):
        hit(t - s, "198.51.100.43", "/often", 200 if s % 180 else 500)
    burst(t - 100, "198.51.100.43")  # two alerts of one source: a request may count for both
    burst(t, "198.51.100.43")


def late_hits():
    t = at("00:10:00")
    burst(t, "198.51.100.51")
    hit(t - 2, "198.51.100.52", "/anchor")
    hit(t - 62, "198.51.100.51", "/sixty/behind", 404, written=t - 2)  # exactly 60 s behind: in time, counted
    hit(t - 63, "198.51.100.51", "/late", 404, written=t - 2)  # 61 s: late, neither alert nor minute counts it
    hit(t - 1200, "198.51.100.51", "/very/late", 404, written=t)


def strange_requests():
    t = at("00:30:00")
    visitor = "192.0.2.99"
    hit(t, visitor, "", 408, "-", "-", request="-")
    hit(t, visitor, "", 400, "226", "-", request=r"\x16\x03\x01\x02")
    hit(t, visitor, "", 400, "226", "-", request="GET /two-words")
    hit(t, visitor, "", 400, "226", "-", request="GET /four words HTTP/1.1")
    hit(t, visitor, "", 400, "226", "-", request="GET  HTTP/1.1")
    hit(t, visitor, r"/quo\"ted\"/back\\slash", 200)
    hit(t, visitor, r"/esc\xe4ped?q=\"x\"", 200)
    hit(t, visitor, "/über/水", 200)
    hit(t, visitor, "/control\x01\t\x1f\x7f", 200)
    hit(t, visitor, "?only=query", 200)
    hit(t, visitor, "/?a=1?b=2", 200)
    hit(t, visitor, "http://example.org/absolute?x", 200)
    hit(t, visitor, "*", 200, method="OPTIONS")
    hit(t, visitor, "/largest", 200, str(2**64 - 1))
    hit(t, visitor, "/user", 401, "0", user="ferry", referrer=r"http://example.org/\"q\"")
    hit(t + 59, "2001:db8::99", "/last/second", 599)
    hit(t + 60, "2001:db8::99", "/next/minute", 100)
    hit(at("23:59:59"), "2001:db8::99", "/midnight", zone=330)


def malformed_access():
    good = '192.0.2.98 - - [01/Jun/2015:00:45:00 +0000] "GET /good HTTP/1.1" 200 10 "-" "-"'
    changes = [("01/Jun/2015", "31/Jun/2015"), ("Jun", "Foo"), ("00:45:00", "24:00:00"), ("00:45:00", "00:45:60"),
               ("+0000", "+2400"), ("+0000", "+0060"), ("+0000", "0000"), (" 200 ", " 099 "), (" 200 ", " 600 "),
               (" 200 ", " 2000 "), (" 10 ", " 1x "), (" 10 ", f" {2**64} "), (' "-" "-"', ""),
               ('"-" "-"', '"-" "an " agent"'), ('"-" "-"', '"-" "open'), ("192.0.2.98", ""),
               (' "-" "-"', ' "-" "-" extra'), ('"-" "-"', '"-" "ends in \\"'), ("01/Jun", "1/Jun"),
               ("01/Jun/2015", "29/Feb/2015")]
    lines = [good.replace(old, new, 1).encode() for old, new in changes]
    lines += [b"", b"-", b"\x16\x03\x01 garbage", good.encode().replace(b"good", b"g\xf6\xf6d"), good.encode()]
    access.extend((at("00:45:00") + 7 * i, line) for i, line in enumerate(lines))
    access[-1] = (at("00:45:00"), access[-1][1])


def malformed_auth():
    good = f"Jun  1 00:45:00 gate sshd[99]: {failed('198.51.100.61')}"
    changes = [("Jun  1", "Feb 29"), ("Jun  1", "Jun 31"), ("Jun  1", "Jun  0"), ("00:45", "24:00"),
               ("00:45:00", "00:45:60"), ("Jun", "jun"), ("Jun", "Foo"), ("Jun  1", "Jun 1"), (" ssh2", ""),
               (" port", " prt"), ("40022", "4o022"), (" from ", " form "),
               (" from 198.51.100.61 port 40022 ssh2", ""), ("198.51.100.61", ""), ("gate sshd", "gate")]
    lines = [good.replace(old, new, 1).encode() for old, new in changes]
    lines += [b"", b"Jun  1 00:45:00", b"no log line at all", good.encode().replace(b"root", b"r\xf6\xf6t")]
    lines += [good[:60].encode(), good.encode()]
    auth.extend((at("00:45:00") + 7 * i, line) for i, line in enumerate(lines))
    auth[-1] = (at("00:45:00"), auth[-1][1])


def ends():
    """The logs do not end together: the last alert is decided by the end of the input, and so is the last minute."""
    burst(SECONDS + 300, "198.51.100.71")
    hit(SECONDS + 100, "198.51.100.71", "/after/hours", 404)
    hit(SECONDS + 120, "192.0.2.99", "/last", 200)


def write(name, lines, ends_with):
    content = b"\n".join(line for _, line in sorted(lines, key=lambda timed: timed[0])) + ends_with
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "wb") as file:
        file.write(content)


if __name__ == "__main__":
    ordinary_hits()
    ordinary_auth()
    for address in ATTACKERS:
        attack(address)
    for scene in (edges_of_sixty_seconds, repeats, strange_users, out_of_order_failures, hits_before_an_alert, late_hits,
                  strange_requests, malformed_access, malformed_auth, ends):
        scene()
    write("access.log", access, b"")  # the last line has no line feed
    write("auth.log", auth, b"\n")

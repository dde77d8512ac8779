#!/usr/bin/env python3
"""Draws docs/pictures/restart.svg from bench/results/restart_latency.json: what each instance puts out around a failure of one
of them, restarted alone on the left, all of them restarted on the right.

Usage: draw_restart.py [RESULTS.json [PICTURE.svg]]
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROW, WIDTH, LEFT, TOP, GAP = 34, 400, 76, 58, 44  # pixels
CALM, FAILED, INK, FAINT = "#4f7cac", "#c8553d", "#333333", "#bbbbbb"
TITLES = {"alone": "one_for_one: the instance alone", "all instances": "one_for_all: every instance"}


def text(x, y, content, anchor="start", size=11, colour=INK):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{colour}">{content}</text>')


def area(records, left, bottom, top_of_scale, colour):
    step = WIDTH / len(records)
    points = [f"{left:.1f},{bottom:.1f}"]
    for i, count in enumerate(records):
        y = bottom - min(count / top_of_scale, 1) * (ROW - 4)
        points += [f"{left + i * step:.1f},{y:.1f}", f"{left + (i + 1) * step:.1f},{y:.1f}"]
    points.append(f"{left + WIDTH:.1f},{bottom:.1f}")
    return f'<polygon points="{" ".join(points)}" fill="{colour}" fill-opacity="0.8"/>'


def panel(result, left, top_of_scale):
    shown = result["shown"]
    rows = shown["records"]
    bottom = TOP + ROW * len(rows)
    seconds = len(rows[0]) * shown["bucket_ms"] / 1000
    at = lambda s: left + (s + shown["before_ms"] / 1000) / seconds * WIDTH
    drawn = [text(left, 20, TITLES[result["name"]], size=14),
             text(left, 37, f'failed instance away {shown["away_ms"]:.0f} ms here; '
                            f'median of {result["restarts"]}: {result["away_median_ms"]:.0f} ms')]
    for i, records in enumerate(rows):
        colour = FAILED if i == shown["instance"] else CALM
        drawn.append(area(records, left, TOP + ROW * (i + 1), top_of_scale, colour))
        drawn.append(text(left - 6, TOP + ROW * (i + 1) - 8, f"count/{i}", "end", colour=colour))
    for s in range(-shown["before_ms"] // 1000, int(seconds - shown["before_ms"] / 1000) + 1):
        drawn.append(f'<line x1="{at(s):.1f}" x2="{at(s):.1f}" y1="{bottom}" y2="{bottom + 4}" stroke="{INK}"/>')
        drawn.append(text(at(s), bottom + 17, f"{s} s", "middle"))
    drawn.append(f'<line x1="{at(0):.1f}" x2="{at(0):.1f}" y1="{TOP - 6}" y2="{bottom}" stroke="{INK}" '
                 'stroke-dasharray="3 3"/>')
    drawn.append(f'<line x1="{left}" x2="{left + WIDTH}" y1="{bottom}" y2="{bottom}" stroke="{FAINT}"/>')
    return drawn


def draw(results):
    due = results[0]["rate_per_s"] * results[0]["shown"]["bucket_ms"] / 1000 / len(results[0]["shown"]["records"])
    top_of_scale = 2.5 * due
    drawn = []
    for i, result in enumerate(results):
        drawn += panel(result, LEFT + i * (WIDTH + LEFT + GAP), top_of_scale)
    width = LEFT + len(results) * (WIDTH + LEFT + GAP) - LEFT
    height = TOP + ROW * len(results[0]["shown"]["records"]) + 46
    note = (f'new records at the sink per 50 ms and instance; {results[0]["rate_per_s"] / 1e6:.2f} M records/s, half of the '
            f'capacity; a row is {top_of_scale / due:.1f} times its share high; 0 s: a handler throws')
    drawn.append(text(LEFT, height - 8, note, colour="#666666"))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">\n'
            f'<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join(drawn) + "\n</svg>\n")


def main():
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "bench/results/restart_latency.json"
    target = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs/pictures/restart.svg"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(draw(json.loads(source.read_text())["results"]), encoding="utf-8")


if __name__ == "__main__":
    main()

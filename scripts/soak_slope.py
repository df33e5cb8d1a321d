#!/usr/bin/env python3
"""What the samples of a soak say: by how much the resident memory grows, how sure that is, and whether anything was lost.

  scripts/soak_slope.py SAMPLES.csv WARM_UP_SECONDS

The slope is that of the least-squares line through all samples after the warm-up: two end points would make it a matter of luck.
A collector gives memory back in steps, so that what one sample is off by, its neighbours are off by as well: the range given is two
standard errors by Newey and West (Econometrica 55, 1987), which count that in, over a quarter of the samples.

Exit codes: 0 the whole range is below 1 % an hour, and nothing was lost, missed or refused; 1 not so, or not known; 2 bad usage.
"""
import csv
import math
import statistics
import sys

MOST = 1.0  # percent an hour
PARTS = ("anonymous", "shared", "file")


def line(times, values):
    """Slope of the least-squares line, and its standard error."""
    count, middle = len(times), statistics.mean(times)
    slope, level = statistics.linear_regression(times, values)
    scores = [(t - middle) * (v - level - slope * t) for t, v in zip(times, values)]
    lags = count // 4
    spread = sum(score * score for score in scores) + 2 * sum(
        (1 - lag / (lags + 1)) * sum(scores[i] * scores[i - lag] for i in range(lag, count)) for lag in range(1, lags + 1))
    return slope, math.sqrt(max(0.0, spread)) / sum((t - middle) ** 2 for t in times)


def main():
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        print(__doc__, file=sys.stderr)
        return 2
    with open(sys.argv[1]) as file:
        samples = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    warm = [sample for sample in samples if sample["second"] >= int(sys.argv[2])]
    if len(warm) < 20:
        print(f"error: {sys.argv[1]}: {len(warm)} samples after the warm-up are too few", file=sys.stderr)
        return 2
    times = [sample["second"] for sample in warm]
    level = statistics.mean(sample["resident_bytes"] for sample in warm)
    percent = 100 * 3600 / level

    def values(name):
        return [sample[f"{name}_bytes"] for sample in warm]

    slope, error = (percent * figure for figure in line(times, values("resident")))
    last = samples[-1]
    print(f"{last['second'] / 60:.0f} minutes: {last['requests']:.0f} requests, {last['discrepancies']:.0f} discrepancies; {last['lost']:.0f} events lost, "
          f"{last['missed']:.0f} runs missed, {last['refused']:.0f} records refused")
    print(f"resident memory from second {times[0]:.0f} on: {values('resident')[0] / 1e6:.1f} MB to {values('resident')[-1] / 1e6:.1f} MB, at most "
          f"{max(values('resident')) / 1e6:.1f} MB; {slope:+.2f} % an hour, {slope - 2 * error:+.2f} to {slope + 2 * error:+.2f}")
    for part in PARTS:
        print(f"  {part:9}: {values(part)[0] / 1e6:6.1f} MB to {values(part)[-1] / 1e6:6.1f} MB, {percent * line(times, values(part))[0]:+.2f} of it")
    nothing_lost = last["lost"] + last["missed"] + last["refused"] == 0
    if slope - 2 * error >= MOST:
        print("it grows")
    elif slope + 2 * error >= MOST:
        print("not known: run it for longer")
    elif nothing_lost:
        return 0
    return 1


sys.exit(main())

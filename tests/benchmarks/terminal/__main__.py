"""Runs the measurements named on the command line, by default all."""

import argparse

from tests.benchmarks.terminal import fast, long, slow, start

MEASUREMENTS = {"start": start.main, "keys": fast.main, "slow": slow.main, "long": long.main}

parser = argparse.ArgumentParser(
    prog="python -m tests.benchmarks.terminal",
    description="Bytes and times of the app at 120x40 in a pseudo-terminal.",
)
parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(MEASUREMENTS)}; all by default")
names = parser.parse_args().names or list(MEASUREMENTS)
if unknown := set(names) - set(MEASUREMENTS):
    parser.error(f"unknown {', '.join(sorted(unknown))}; choose from {', '.join(MEASUREMENTS)}")
for name in names:
    MEASUREMENTS[name]()

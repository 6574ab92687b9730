"""Runs the benchmarks named on the command line, all of them where none is."""

import argparse

from tests.benchmarks.engine import demo, draws, grid, memory, stops, threads

BENCHMARKS = {
    "draws": draws.main,
    "threads": threads.main,
    "demo": demo.main,
    "stops": stops.main,
    "memory": memory.main,
    "grid": grid.main,
}

parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description="What the engine costs.")
parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(BENCHMARKS)}; all by default")
names = parser.parse_args().names or list(BENCHMARKS)
if unknown := set(names) - set(BENCHMARKS):
    parser.error(f"no benchmark is called {', '.join(sorted(unknown))}: there are {', '.join(BENCHMARKS)}")
for name in names:
    BENCHMARKS[name]()

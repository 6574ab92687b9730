"""Run the benchmarks named on the command line, by default all."""

import argparse

from tests.benchmarks.engine import blocks, cluster, demo, draws, grid, implicit, memory, stops, threads, training

BENCHMARKS = {
    "draws": draws.main,
    "threads": threads.main,
    "demo": demo.main,
    "blocks": blocks.main,
    "implicit": implicit.main,
    "stops": stops.main,
    "memory": memory.main,
    "grid": grid.main,
    "training": training.main,
    "cluster": cluster.main,
}

parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine", description="The cost of the engine.")
parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(BENCHMARKS)}; all by default")
names = parser.parse_args().names or list(BENCHMARKS)
if unknown := set(names) - set(BENCHMARKS):
    parser.error(f"unknown benchmark {', '.join(sorted(unknown))}; one of {', '.join(BENCHMARKS)}")
for name in names:
    BENCHMARKS[name]()

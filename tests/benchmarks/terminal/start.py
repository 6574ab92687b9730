"""From the command to the first paint, and a run without the app."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from tests.benchmarks.engine.timing import show, verdict
from tests.benchmarks.terminal.line import Line

STARTS = 11
PAINT_MILLIS, PAINT_BYTES, RUN_MILLIS = 500, 20_000, 250


def main() -> None:
    paints, sizes = zip(*(_start() for _ in range(STARTS)), strict=True)
    runs = [_run() for _ in range(STARTS)]
    show(
        f"From the command on, median and worst of {STARTS}",
        ("", "median", "worst", "at most", ""),
        [
            _row("first paint, ms", paints, PAINT_MILLIS),
            _row("bytes until all is drawn", sizes, PAINT_BYTES),
            _row("run --runs 1 --json, ms", runs, RUN_MILLIS),
        ],
    )


def _row(name: str, values: tuple[float, ...] | list[float], most: int) -> tuple[str, ...]:
    middle = statistics.median(values)
    return name, f"{middle:,.0f}", f"{max(values):,.0f}", f"{most:,}", verdict(middle <= most)


def _start() -> tuple[float, int]:
    with Line() as line:
        line.wait_for("press r")
        painted = 1e3 * (time.perf_counter() - line.started)
        line.burst(line.started, quiet=0.5)
        return painted, len(line.text)


def _run() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "tui_initflow", "run", "--runs", "1", "--json"], stdout=subprocess.DEVNULL)
    return 1e3 * (time.perf_counter() - start)

"""Throughput of `scan` beside a plain read and sum of the same bytes in numpy, in pairs; and peak memory."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tui_initflow.checkpoints.opening import open_checkpoint
from tui_initflow.checkpoints.scan import scan

MEGABYTES, PAIRS = 512, 5
MEMORY_TARGET, RATIO_TARGET = 300, 0.5


def plain(path: Path, shape: tuple[int, int]) -> float:
    """Seconds to read and sum the numbers, a matrix at a time."""
    start = time.perf_counter()
    with path.open("rb") as file:
        file.seek(-MEGABYTES << 20, os.SEEK_END)
        while (numbers := np.fromfile(file, np.float32, shape[0] * shape[1])).size:
            numbers.sum()
    return time.perf_counter() - start


def ours(path: Path) -> float:
    start = time.perf_counter()
    scan(open_checkpoint(path))
    return time.perf_counter() - start


def main() -> None:
    shape = (2048, 2048)
    count = (MEGABYTES << 20) // (4 * shape[0] * shape[1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.npy"
        header = {"descr": "<f4", "fortran_order": False, "shape": (count * shape[0], shape[1])}
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            for at in range(count):
                np.random.default_rng(at).standard_normal(shape, np.float32).tofile(file)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        pairs = [(plain(path, shape), ours(path)) for _ in range(PAIRS)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    best_plain, best_ours = (min(times) for times in zip(*pairs, strict=True))
    ratio = best_plain / best_ours
    rows = [
        ("plain read and sum", f"{MEGABYTES / best_plain:,.0f} MB/s", ""),
        ("all statistics", f"{MEGABYTES / best_ours:,.0f} MB/s", ""),
        ("throughput ratio", f"{ratio:.2f}", _verdict(ratio >= RATIO_TARGET)),
        ("peak memory", f"{peak} MB (before: {before // 1024})", _verdict(peak <= MEMORY_TARGET)),
    ]
    for name, value, verdict in rows:
        sys.stdout.write(f"{name:<20} {value:<26} {verdict}\n")


def _verdict(met: bool) -> str:
    return "met" if met else "missed"


main()

"""Peak memory of the largest runs allowed, each in its own process."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.engine.timing import show, verdict

MOST_MEGABYTES = 300.0
SECONDS = 15.0
"""The largest runs are stopped then; by that time they have taken all their memory."""
NORMED = {"block_a": "pre-norm", "norm_a": "layer", "block_b": "pre-norm", "norm_b": "rms", "activation": "gelu"}
ORTHOGONAL = {"a": "orthogonal", "b": "orthogonal"}
CASES: dict[str, dict[str, Any]] = {
    "1 run of 1000 x 2048 x 65536": {"layers": 1000, "neurons": 2048, "features": 65536},
    "1 run of 1 x 2048 x 65536": {"layers": 1, "neurons": 2048, "features": 65536},
    "1 run of 3 x 2048 x 64": {"layers": 3, "neurons": 2048, "features": 64},
    "1 orthogonal run of 3 x 2048 x 2048": {
        **ORTHOGONAL,
        "layers": 3,
        "neurons": 2048,
        "features": 2048,
        "sampler": "explicit",
    },
    "1000 orthogonal runs of 10 x 50 x 64": {**ORTHOGONAL, "runs": 1000},
    "8 runs of 1 x 64 x 65536": {"layers": 1, "neurons": 64, "features": 65536, "runs": 8},
    "1 run of 10 x 1,048,576": {"a": "normal", "layers": 10, "neurons": 1 << 20},
    "1 pre-norm run of 5 x 1,048,576": {**NORMED, **ORTHOGONAL, "layers": 5, "neurons": 1 << 20},
    "40 runs of 20 x 450 x 64": {"layers": 20, "neurons": 450, "features": 64, "runs": 40},
    "100,000 runs of 1 x 1 x 1": {"layers": 1, "neurons": 1, "features": 1, "runs": 100_000},
    "100,000 runs of 10 x 50 x 64": {"runs": 100_000},
    "100,000 runs of 117 x 2 x 2": {"layers": 117, "neurons": 2, "features": 2, "runs": 100_000},
    "11,863 runs of 1000 x 1 x 1": {"layers": 1000, "neurons": 1, "features": 1, "runs": 11_863},
    "11,863 runs of 1000 x 128 x 1": {"layers": 1000, "neurons": 128, "features": 1, "runs": 11_863},
}


USUAL: dict[str, dict[str, Any]] = {
    "2000 runs of the default": {"runs": 2000},
    "20 runs of 5 x 800 x 64": {"layers": 5, "neurons": 800, "runs": 20, "sampler": "explicit"},
}


def main() -> None:
    rows = []
    for name, settings in CASES.items():
        command = [sys.executable, "-m", __spec__.name, json.dumps(settings)]
        measured = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        above, runs = json.loads(measured.stdout)
        rows.append((name, f"{runs}", f"{above:.0f}", verdict(above <= MOST_MEGABYTES)))
    head = ("work", "runs done", "MB above the import", f"at most {MOST_MEGABYTES:.0f}")
    show(f"Peak memory (runs are stopped after {SECONDS:.0f} s), all threads", head, rows)
    measured = subprocess.run([sys.executable, "-m", __spec__.name], stdout=subprocess.PIPE, text=True, check=True)
    together: list[Sequence[str]] = []
    for name, of_each in json.loads(measured.stdout).items():
        megabytes = [f"{number:.0f}" for number in (*of_each, sum(of_each))]
        together.append((name, *megabytes, verdict(sum(of_each) <= MOST_MEGABYTES)))
    columns = ("work", "program", "process", "process", "MB in all", f"at most {MOST_MEGABYTES:.0f}")
    show("Peak memory with two processes", columns, together)


def _with_processes() -> dict[str, list[float]]:
    """Megabytes of this program and of each process, after such work."""
    from tui_initflow import Experiment, Processes, simulate
    from tui_initflow.engine import processes

    processes.LONG = processes.LONG_WHEN_READY = 0.0
    found = {}
    for name, settings in USUAL.items():
        with Processes(2) as place:
            # they start during the first
            for _ in range(5):
                simulate(Experiment().with_(**settings), executor=place)
            found[name] = [peak(), *(peak(process.pid) for process in place._ready)]
    return found


def _measure(settings: dict[str, Any]) -> tuple[float, int]:
    """Megabytes above what the imports took, and the runs that were done."""
    from tui_initflow import Experiment, simulate
    from tui_initflow.engine.pool import Cancelled

    simulate(Experiment())
    before = peak()
    cancel = threading.Event()
    timer = threading.Timer(SECONDS, cancel.set)
    timer.start()
    try:
        runs = simulate(Experiment().with_(**settings), cancel=cancel).runs
    except Cancelled:
        runs = 0
    timer.cancel()
    return peak() - before, runs


def peak(process: int | str = "self") -> float:
    status = Path(f"/proc/{process}/status")
    if status.exists():
        # unlike ru_maxrss, not inherited from the process that started this one
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    print(json.dumps(_measure(json.loads(sys.argv[1])) if sys.argv[1:] else _with_processes()))

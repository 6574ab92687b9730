"""A run of 100,000 with the app open: its memory, how soon keys are answered, and how soon it stops."""

from __future__ import annotations

import re
import statistics
import time

from tests.benchmarks.engine.timing import show, verdict
from tests.benchmarks.terminal.line import Line

MEMORY_MB, STOP_MILLIS, STOPS, SECONDS = 20, 100, 7, 4.0
ANSWERS, LATER_MILLIS = 9, 20
"""Answers to a key, and how much later than at rest they may come, in the median: the longest pause of the screen."""
CARD = "What it is"
RUN_BYTES = 2 * (20 + 1) * 8
"""What must grow: the gradients of a run of both methods, float64, 20 layers and the input."""


def main() -> None:
    with Line(("--runs", "100000")) as line:
        line.wait_for("press r")
        line.burst(line.started, quiet=0.5)
        at_rest = _answers(line)
        since = line.press("R")
        memory: list[float] = []
        while time.perf_counter() - since < SECONDS:
            line.read(since, 0.1)
            if time.perf_counter() - since > 1.0:
                memory.append(line.memory)
        busy = _answers(line)
        line.text.clear()
        line.press("s")
        line.wait_for("stopped")
        line.burst(time.perf_counter(), quiet=0.5)
        done = re.search(rb"stopped after ([\d,]+)", line.text)
        assert done is not None
        results = int(done[1].replace(b",", b"")) * RUN_BYTES / 1e6
    later = statistics.median(busy) - statistics.median(at_rest)
    stops = [_stop() for _ in range(STOPS)]
    middle, change = statistics.median(stops), max(memory) - min(memory) - results
    show(
        "100,000 runs with the app open",
        ("", "", "at most", ""),
        [
            ("memory, MB", f"{min(memory):.0f} to {max(memory):.0f}", "", ""),
            ("  of which results", f"{results:.0f}", "", ""),
            ("  change besides, after the first second", f"{change:.0f}", f"{MEMORY_MB}", verdict(change <= MEMORY_MB)),
            ("a key's answer at rest, median and worst ms", _shown(at_rest), "", ""),
            ("a key's answer meanwhile", _shown(busy), f"{LATER_MILLIS} later", verdict(later <= LATER_MILLIS)),
            ("stop, median ms", f"{middle:.0f}", f"{STOP_MILLIS}", verdict(middle <= STOP_MILLIS)),
            ("stop, worst ms", f"{max(stops):.0f}", "", ""),
        ],
    )


def _answers(line: Line) -> list[float]:
    """Milliseconds until a card is open, each time."""
    answers = []
    for _ in range(ANSWERS):
        line.text.clear()
        line.press("i")
        answers.append(1e3 * line.wait_for(CARD))
        line.burst(line.press("i"), quiet=0.3, limit=0.5)
    return answers


def _shown(answers: list[float]) -> str:
    return f"{statistics.median(answers):.0f}, {max(answers):.0f}"


def _stop() -> float:
    with Line(("--runs", "100000")) as line:
        line.wait_for("press r")
        line.burst(line.press("R"), quiet=2.0, limit=2.0)
        line.text.clear()
        line.press("s")
        return 1e3 * line.wait_for("stopped")

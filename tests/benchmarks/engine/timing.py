"""Times of alternatives that run in turns, and tables of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """Seconds of every turn."""

    seconds: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def over(self, reference: Times) -> float:
        """Median of the ratios within a turn: what slows a whole turn down cancels."""
        return statistics.median(a / b for a, b in zip(self.seconds, reference.seconds, strict=True))


def stopwatch(work: Callable[[], object]) -> Callable[[], float]:
    """A function that does the work and returns the seconds it took."""

    def seconds() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return seconds


def in_turns(alternatives: Mapping[str, Callable[[], float]], turns: int) -> dict[str, Times]:
    """Seconds that each alternative reports, turn by turn, after one turn that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in alternatives}
    for turn in range(turns + 1):
        for name, alternative in alternatives.items():
            taken = alternative()
            if turn:
                seconds[name].append(taken)
    return {name: Times(taken) for name, taken in seconds.items()}


def show(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table, first column left, the others right aligned."""
    table = [head, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    print(f"\n{title}\n")
    for row in table:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        print("  " + "   ".join(cells), flush=True)


def verdict(holds: bool) -> str:
    return "met" if holds else "MISSED"

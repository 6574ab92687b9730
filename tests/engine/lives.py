"""Which processes there are, for tests of what is left behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path


def when(is_so: Callable[[], object]) -> None:
    """Return when it is so, at the latest after 30 seconds, when the test fails."""
    for _ in range(3000):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")


def _stat(process: int | str) -> list[str]:
    """State, parent and so on, see proc(5). One that has gone is as good as one of which only its status is left."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["Z", "0"]


def all_gone(processes: Iterable[int]) -> bool:
    """Whether they have ended, though perhaps nobody has asked how."""
    return all(_stat(process)[0] == "Z" for process in processes)


def has_children(process: int, number: int) -> bool:
    """Whether it has so many."""
    return len(children(process)) == number


def children(process: int) -> list[int]:
    """Processes that it has started and that have not ended."""
    every = (entry.name for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    of_all = {int(name): _stat(name) for name in every}
    return [name for name, (state, parent, *_) in of_all.items() if int(parent) == process and state != "Z"]

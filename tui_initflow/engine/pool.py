"""Work spread over threads, its results in order; numpy releases the interpreter's lock meanwhile.

Other places for the same work, such as a cluster, are executors too.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Progress(Generic[Result_co]):
    """`done` of `total` parts are complete, a `fraction` of the work; `partial()` gives the result of these parts.

    `what` names the parts in a word or two, such as runs. `partial` may be called later; it stays that of these parts.
    """

    what: str
    done: int
    total: int
    fraction: float
    partial: Callable[[], Result_co]

    @property
    def text(self) -> str:
        """What is shown of it: runs 7/20, or `what` alone where there is nothing to count."""
        return f"{self.what} {self.done:,}/{self.total:,}" if self.total else self.what


def already(result: Result) -> Callable[[], Result]:
    """The `partial` of a result that has been made."""
    return lambda: result


def begun(what: str) -> Progress[None]:
    """Work of which nothing can be counted yet."""
    return Progress(what, 0, 0, 0.0, already(None))


Report = Callable[[Progress[Result]], None]
"""Called in the thread of the computation's caller, after each part or group of parts."""


INLINE_WEIGHTS = 1 << 16
"""Below this many weights of a layer in a batch, numpy's operations are so short that threads mostly wait for each
other: 20 runs of the default take longer in two than in one."""
SIGNALS_OF_ALL = 5 << 20
"""Most signals that all threads have in memory, unless one has more."""

Item = TypeVar("Item")


class Cancelled(Exception):
    """The work was cancelled before any of it was complete."""


def available_threads() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worthwhile_threads(layer_work: int, most: int | None, signals: int) -> int:
    """Threads to use where a layer of a batch is so much work, in weights: at most `most`, else one per processor.

    There are fewer if that many `signals` for each thread would take too much memory.
    """
    if layer_work < INLINE_WEIGHTS:
        return 1
    return min(most or available_threads(), max(1, SIGNALS_OF_ALL // signals))


class Flag(Protocol):
    """An event that others set."""

    def is_set(self) -> bool: ...


class Stop:
    """Tells workers when to stop: the caller cancelled, or no longer takes results."""

    def __init__(self, cancel: Flag | None) -> None:
        self._cancel: Flag = cancel or threading.Event()
        self._abandoned = threading.Event()

    def abandon(self) -> None:
        self._abandoned.set()

    def checkpoint(self) -> None:
        """Raise Cancelled if it is time to stop."""
        if self._cancel.is_set() or self._abandoned.is_set():
            raise Cancelled


Checkpoint = Callable[[], None]
"""What work calls every few milliseconds: it may raise Cancelled."""


def unstopped() -> None:
    """The checkpoint of work that nobody stops."""


Work = Callable[[Stop], Callable[[Item], Result]]
"""Gives the function that computes an item, called where that is done. To go there, it can be pickled, as items and
results can: a `partial` of a function and settings. A result follows from settings and item alone."""


class Executor(Protocol):
    """Where work is done. Results do not depend on it: a place that would compute others is refused."""

    def in_order(self, work: Work[Item, Result], items: Sequence[Item], stop: Stop) -> Iterator[tuple[Item, Result]]:
        """Each item with its result, in the order of the items, up to the first that was cancelled or lost."""
        ...


@dataclass(frozen=True, slots=True)
class Threads:
    """At most `count` threads of this process."""

    count: int

    def in_order(self, work: Work[Item, Result], items: Sequence[Item], stop: Stop) -> Iterator[tuple[Item, Result]]:
        return in_order(work(stop), items, self.count, stop)


def in_order(
    compute: Callable[[Item], Result], items: Sequence[Item], threads: int, stop: Stop
) -> Iterator[tuple[Item, Result]]:
    """Each item with its result, in the order of the items, up to the first whose computation was cancelled."""
    workers = min(threads, len(items))
    if workers <= 1:
        for item in items:
            try:
                result = compute(item)
            except Cancelled:
                return
            yield item, result
        return
    ahead: deque[tuple[Item, Future[Result]]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="initflow") as pool:
        try:
            for item in items:
                ahead.append((item, pool.submit(compute, item)))
                # a bounded lead keeps memory flat
                if len(ahead) > 2 * workers:
                    yield _taken(ahead)
            while ahead:
                yield _taken(ahead)
        except Cancelled:
            return
        finally:
            stop.abandon()
            for _, future in ahead:
                future.cancel()


def _taken(ahead: deque[tuple[Item, Future[Result]]]) -> tuple[Item, Result]:
    item, future = ahead.popleft()
    try:
        return item, future.result()
    finally:
        # else the traceback of what it raises would keep it, it the exception, and that what the work had in memory
        del future

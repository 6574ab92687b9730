"""Work spread over threads, its results in order; numpy releases the interpreter's lock meanwhile.

Other places for the same work, such as processes or a cluster, are executors too.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from tui_initflow.engine.processors import available_processors

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


INLINE_WEIGHTS = 3 << 16
"""Below this many weights of a layer in a batch, numpy's operations are so short that threads mostly wait for each
other: up to 60 runs of the default, and others of as many weights, take longer in two than in one."""
SIGNALS_OF_ALL = 5 << 20
"""Most signals that all threads have in memory, unless one has more."""

Item = TypeVar("Item")


class Cancelled(Exception):
    """The work was cancelled before any of it was complete."""


@dataclass(frozen=True, slots=True)
class Load:
    """What some work asks of the place that does it.

    `layer_work` is that of a layer of a batch, in weights; `signals` are what each item has in memory; `seconds` is how
    long all of it takes on two processors, right within a factor of three or so.
    """

    layer_work: float = math.inf
    signals: int = 1
    seconds: float = 0.0

    @property
    def fit(self) -> int:
        """Items that the memory of a machine is enough for at a time."""
        return max(1, SIGNALS_OF_ALL // self.signals)


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

    def in_order(
        self, work: Work[Item, Result], items: Sequence[Item], stop: Stop, load: Load
    ) -> Iterator[tuple[Item, Result]]:
        """Each item with its result, in the order of the items, up to the first that was cancelled or lost."""
        ...


@dataclass(frozen=True, slots=True)
class Threads:
    """At most `count` threads of this process, one for each processor by default; fewer where more would not help."""

    count: int | None = None

    def in_order(
        self, work: Work[Item, Result], items: Sequence[Item], stop: Stop, load: Load
    ) -> Iterator[tuple[Item, Result]]:
        return in_order(work(stop), items, self.worthwhile(load), stop)

    def worthwhile(self, load: Load) -> int:
        """Threads for some work: one if its layers are small, and no more than its signals leave memory for."""
        if load.layer_work < INLINE_WEIGHTS:
            return 1
        return min(self.count or available_processors(), load.fit)


class Chunks(Generic[Item]):
    """Cuts items into chunks: one item at first, then as many as those done tell, fewer towards the end."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._first, self._size = 0, 1

    def __bool__(self) -> bool:
        """Whether there are more."""
        return self._first < len(self._items)

    def next(self, ahead: int) -> Sequence[Item]:
        """The next chunk, for a place that is given this many ahead."""
        left = len(self._items) - self._first
        start, self._first = self._first, self._first + max(1, min(self._size, left // ahead))
        return self._items[start : self._first]

    def took(self, items: int, seconds: float, target: float) -> None:
        """Learn from a chunk done how many items take the `target`, in seconds."""
        self._size = max(1, round(items * target / max(seconds, 1e-6)))


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

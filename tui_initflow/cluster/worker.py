"""What runs on a worker of a cluster: a chunk of items, sent back with the fingerprint of the worker's numbers."""

from __future__ import annotations

import ctypes
import pickle
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

from distributed import get_worker
from distributed.worker import thread_state

from tui_initflow import __version__
from tui_initflow.engine.fingerprint import Fingerprint, fingerprint
from tui_initflow.engine.pool import Cancelled, Stop, Work

KEPT_BYTES = 1 << 25
"""The largest array whose memory is kept: the most that glibc allows."""


class Chunk(NamedTuple):
    """The pickled results of some items, the seconds they took, and whose they are."""

    results: bytes
    seconds: float
    fingerprint: Fingerprint


class Released:
    """Set once the client no longer wants the task that this thread works on."""

    def __init__(self) -> None:
        self._tasks = get_worker().state.tasks
        self._key = thread_state.key

    def is_set(self) -> bool:
        task = self._tasks.get(self._key)
        return task is None or task.state == "cancelled"


def compute(work: Work[Any, Any], items: Sequence[Any]) -> Chunk | None:
    """The results of some items, in order; None if the client wants them no longer."""
    start = time.perf_counter()
    keep_freed_memory()
    try:
        results = list(map(work(Stop(Released())), items))
    except Cancelled:
        return None
    return Chunk(pickle.dumps(results, pickle.HIGHEST_PROTOCOL), time.perf_counter() - start, fingerprint(__version__))


@cache
def keep_freed_memory() -> None:
    """Let glibc keep what a batch frees for the next, as it does by itself where Dask has not set how much to keep.

    Arrays would otherwise be asked of the system again and again, which takes longer than computing what is in them.
    """
    trim_threshold, mmap_threshold = -1, -3
    with suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(mmap_threshold, KEPT_BYTES)
        library.mallopt(trim_threshold, 2 * KEPT_BYTES)

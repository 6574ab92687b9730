"""What runs on a worker of a cluster: a chunk of items, sent back with the fingerprint of the worker's numbers."""

from __future__ import annotations

import pickle
import time
from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from distributed import Worker, get_worker
from distributed.worker import thread_state

from tui_initflow import __version__
from tui_initflow.engine.fingerprint import Fingerprint, fingerprint
from tui_initflow.engine.pool import Cancelled, Stop, Work
from tui_initflow.engine.worker import keep_freed_memory


class Computed(NamedTuple):
    """The pickled results of some items, the seconds they took, and whose they are."""

    results: bytes
    seconds: float
    fingerprint: Fingerprint


_passed: WeakKeyDictionary[Worker, dict[str, int]] = WeakKeyDictionary()
"""How many checkpoints the computations of a worker of this process have passed, by the keys of their tasks."""


def checkpoints(dask_worker: Worker) -> dict[str, int]:
    """Asked of a worker from outside: what it computes, and how far that is. Dask gives it the worker."""
    return dict(_passed.get(dask_worker, {}))


class Released:
    """Set once the client no longer wants the task that this thread works on. To look is to pass a checkpoint."""

    def __init__(self) -> None:
        worker = get_worker()
        self._tasks = worker.state.tasks
        self._passed = _passed.setdefault(worker, {})
        self._key = thread_state.key

    def is_set(self) -> bool:
        self._passed[self._key] = self._passed.get(self._key, 0) + 1
        task = self._tasks.get(self._key)
        return task is None or task.state == "cancelled"

    def ended(self) -> None:
        self._passed.pop(self._key, None)


def compute(work: Work[Any, Any], items: Sequence[Any]) -> Computed | None:
    """The results of some items, in order; None if the client wants them no longer."""
    start = time.perf_counter()
    keep_freed_memory()
    released = Released()
    try:
        # what is asked about it from now on has an answer
        released.is_set()
        results = list(map(work(Stop(released)), items))
    except Cancelled:
        return None
    finally:
        released.ended()
    return Computed(
        pickle.dumps(results, pickle.HIGHEST_PROTOCOL), time.perf_counter() - start, fingerprint(__version__)
    )

"""What runs on a worker of a cluster: a chunk of items, and a fingerprint of the numbers that the worker computes.

Results are the same bits where the same program adds and rounds in the same order, which NumPy and its BLAS choose by
the processor. Elsewhere a seed gives the same numbers to rounding, or, in the chaotic phase and in training, others of
the same law: neither would go together with those of this machine.
"""

from __future__ import annotations

import ctypes
import hashlib
import pickle
import platform
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from distributed import Worker, get_worker
from distributed.worker import thread_state

from tui_initflow import __version__
from tui_initflow.engine.pool import Cancelled, Stop, Work
from tui_initflow.engine.runs import simulate
from tui_initflow.model.experiment import Experiment

PROBES = (
    Experiment(layers=3, neurons=32, runs=3, activation="gelu", b="orthogonal", sigma_b=0.1),
    Experiment(layers=3, neurons=32, runs=3, a="truncated-normal:1/fan_in", norm_a="batch", batch=4, start="signs"),
)
"""Small work whose results differ to the last bit where exponentials, logarithms or sums do. Of 14 choices of kernels
for OpenBLAS and NumPy, those give equal fingerprints that give equal networks of all kinds, and no others."""
KEPT_BYTES = 1 << 25
"""The largest array whose memory is kept: the most that glibc allows."""
MATRIX = 160
"""Neurons of a matrix that BLAS multiplies in several threads, if it may."""


class Fingerprint(NamedTuple):
    """What the numbers of a machine depend on: versions, the processor, and a digest of some of its results."""

    program: str
    numpy: str
    machine: str
    digest: str

    def __str__(self) -> str:
        return f"tui-initflow {self.program}, NumPy {self.numpy}, {self.machine}, sums {self.digest}"


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
    return Computed(pickle.dumps(results, pickle.HIGHEST_PROTOCOL), time.perf_counter() - start, fingerprint())


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


@cache
def fingerprint() -> Fingerprint:
    """Of this process."""
    digest = hashlib.sha256()
    for probe in PROBES:
        results = simulate(probe, threads=1)
        for method in results.methods:
            digest.update(method.log10_gradient.tobytes())
            digest.update(method.preactivation.std.tobytes())
    matrix = np.sin(np.arange(MATRIX**2, dtype=np.float32)).reshape(MATRIX, MATRIX)
    digest.update((matrix @ matrix).tobytes())
    return Fingerprint(__version__, np.__version__, platform.machine(), digest.hexdigest()[:8])

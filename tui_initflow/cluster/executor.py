"""Work on the workers of a Dask scheduler: chunks of items, results in the order of the items.

Which items are computed together follows from how long others took, and changes no result. Dask does again what a
worker that died was doing.
"""

from __future__ import annotations

import logging
import pickle
import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import dask
from distributed import Client, Future, KilledWorker, LocalCluster
from distributed.client import FutureCancelledError

from tui_initflow import __version__
from tui_initflow.cluster.worker import Chunk, compute
from tui_initflow.engine.fingerprint import fingerprint
from tui_initflow.engine.pool import Cancelled, Stop, Work, available_threads

CHUNK_SECONDS = 0.5
"""Work of a chunk, if its items are short, on a small cluster."""
SECONDS_HERE = 0.005
"""What a chunk takes of this process, which hands them out and in one by one: many workers need larger ones."""
CONNECT_SECONDS = 10.0
POLL_SECONDS = 0.01
"""Between two looks at whether a chunk is done, or the work was cancelled."""
GATHER_SECONDS = 2.0
"""To fetch a result, at first; then twice as long, and so on."""
COUNT_SECONDS = 2.0
"""Between two counts of the workers, which may come and go."""
LEAD = 3
"""Chunks for each thread of the workers that are submitted ahead: a bounded lead keeps memory flat."""

UNWATCHED = {"distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "1s"}
"""Nobody looks at the profile of a local cluster or at how busy its loops are, which takes some percent of the time."""
IGNORE_INTERRUPTS = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
"""For workers on this machine, to which a terminal sends Ctrl+C too: what is done is taken from them first."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Unreachable(Exception):
    """The cluster cannot be reached. The message is one line."""


class Cluster:
    """The executor. `lost` says, in a line, why it ended before the work did; None if it did not."""

    def __init__(self, client: Client, name: str) -> None:
        self.lost: str | None = None
        self._client = client
        self._name = name
        self._threads, self._counted = 1, 0.0

    def in_order(self, work: Work[Item, Result], items: Sequence[Item], stop: Stop) -> Iterator[tuple[Item, Result]]:
        ahead: deque[tuple[Sequence[Item], Future]] = deque()
        first, size = 0, 1
        try:
            # as a result of its own it is sent to each worker once, and made again if they are gone
            shared = self._submit(pickle.loads, pickle.dumps(work, pickle.HIGHEST_PROTOCOL))
            while ahead or first < len(items):
                while first < len(items) and len(ahead) < LEAD * self._count():
                    together = max(1, min(size, (len(items) - first) // (LEAD * self._threads)))
                    chunk = items[first : first + together]
                    ahead.append((chunk, self._submit(compute, shared, chunk)))
                    first += together
                chunk, future = ahead[0]
                done = self._taken(future, stop)
                if done is None:
                    # the scheduler took it from its worker and gave it back
                    ahead[0] = (chunk, self._submit(compute, shared, chunk))
                    continue
                seconds = max(CHUNK_SECONDS, SECONDS_HERE * self._threads)
                size = max(1, round(len(chunk) * seconds / max(done.seconds, 1e-6)))
                ahead.popleft()
                yield from zip(chunk, pickle.loads(done.results), strict=True)
        except Cancelled:
            return
        except (OSError, FutureCancelledError):
            self.lost = f"{self._name} no longer answers"
        finally:
            if self._client.status == "running":
                with suppress(OSError):
                    self._client.cancel([future for _, future in ahead])

    def _submit(self, function: Any, *arguments: Any) -> Future:
        with warnings.catch_warnings():
            # that the data to train on is large
            warnings.simplefilter("ignore", UserWarning)
            return self._client.submit(function, *arguments, pure=False)

    def _count(self) -> int:
        """Threads of all workers."""
        if self._client.status != "running":
            raise ConnectionError
        if time.monotonic() - self._counted > COUNT_SECONDS:
            self._threads = max(1, sum(self._client.nthreads().values()))
            self._counted = time.monotonic()
        return self._threads

    def _taken(self, future: Future, stop: Stop) -> Chunk | None:
        """The result of a chunk; Cancelled if there will be none."""
        patience = GATHER_SECONDS
        while True:
            # a result is lost if its worker dies before it is taken, and then computed again
            while future.status in ("pending", "lost"):
                stop.checkpoint()
                time.sleep(POLL_SECONDS)
            stop.checkpoint()
            if future.status == "error":
                raise self._failed(future.exception())
            if future.status != "finished" or self._client.status != "running":
                raise ConnectionError
            try:
                done: Chunk | None = future.result(timeout=patience)
                break
            except TimeoutError:
                patience *= 2
        if done is not None and done.fingerprint != fingerprint(__version__):
            self.lost = f"a worker computes other numbers: {done.fingerprint} there, {fingerprint(__version__)} here"
            raise Cancelled
        return done

    def _failed(self, error: BaseException) -> BaseException:
        if isinstance(error, KilledWorker):
            self.lost = f"{error.allowed_failures + 1} workers died of the same work"
        elif isinstance(error, ImportError):
            self.lost = f"the workers lack a package: {error}"
        elif isinstance(error, RuntimeError) and "deserialization of the task graph" in str(error):
            self.lost = "the scheduler lacks packages that are here"
        else:
            return error
        return Cancelled()


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """The cluster at the address of a scheduler.

    Raises:
        Unreachable: it does not answer.
    """
    with _quiet():
        try:
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError):
            raise Unreachable(f"{address} does not answer") from None
        try:
            yield Cluster(client, address)
        finally:
            client.close(timeout=CONNECT_SECONDS)


@contextmanager
def local(processes: int | None = None) -> Iterator[Cluster]:
    """A cluster of so many processes on this machine, by default one for each processor.

    Raises:
        Unreachable: it cannot be started.
    """
    with _quiet():
        try:
            with dask.config.set(UNWATCHED):
                cluster = LocalCluster(
                    n_workers=processes or available_threads(),
                    threads_per_worker=1,
                    # else it takes the port of a cluster that is meant to be looked at
                    dashboard_address="127.0.0.1:0",
                    memory_limit=0,
                    silence_logs=logging.CRITICAL,
                    preload=[IGNORE_INTERRUPTS],
                )
        except (OSError, RuntimeError):
            raise Unreachable("the processes of the local cluster cannot be started") from None
        with cluster, Client(cluster, set_as_default=False) as client:
            yield Cluster(client, "the local cluster")


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Dask's logging: a worker that dies is replaced, and needs no attention from the user."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)

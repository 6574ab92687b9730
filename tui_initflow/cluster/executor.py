"""Work on the workers of a Dask scheduler: chunks of items, results in the order of the items.

Which items are computed together follows from how long others took, and changes no result. Dask does again what a
worker that died was doing; what a worker has that no longer answers goes to others, see `watch`.
"""

from __future__ import annotations

import pickle
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent import futures
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from distributed import Client, Future, KilledWorker
from distributed.client import ClosedClientError, FutureCancelledError

from tui_initflow import __version__
from tui_initflow.cluster.watch import ASKED, POLL_SECONDS, Limits, Loop, Sight, Watch
from tui_initflow.cluster.worker import Computed, compute
from tui_initflow.engine.fingerprint import fingerprint
from tui_initflow.engine.pool import Cancelled, Chunks, Load, Stop, Work

CHUNK_SECONDS = 0.5
"""Work of a chunk, if its items are short, on a small cluster."""
SECONDS_HERE = 0.005
"""What a chunk takes of this process, which hands them out and in one by one: many workers need larger ones."""
LEAD = 3
"""Chunks for each thread of the workers that are submitted ahead: a bounded lead keeps memory flat."""
MOST_SHOWN = 120
"""Characters of what another machine says that a message repeats."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Items that go to a worker together; only to one of `places`, unless that is None."""

    items: Sequence[Any]
    future: Future
    places: frozenset[str] | None
    shunned: frozenset[str]
    """Workers that were unfit when it was sent."""

    def is_stuck(self, sight: Sight) -> bool:
        """Whether it may be with a worker that has become unfit since it was sent, or that has gone."""
        if self.future.key in sight.moving:
            return False
        is_stranded = self.places is not None and self.places.isdisjoint(sight.workers)
        return is_stranded or not sight.unfit <= self.shunned


class Sender:
    """Submits chunks of some work, to workers that are fit."""

    def __init__(self, client: Client, work: Work[Any, Any]) -> None:
        self._client = client
        self._pickled = pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
        self._shared: tuple[Future, frozenset[str] | None] | None = None

    def chunk(self, items: Sequence[Any], sight: Sight) -> Chunk:
        places = sight.fit if sight.unfit else None
        if self._shared is None or self._shared[1] != places:
            # as a result of its own it is sent to each worker once, and made again if they are gone
            self._shared = self._submit(places, pickle.loads, self._pickled), places
        return Chunk(items, self._submit(places, compute, self._shared[0], items), places, sight.unfit)

    def _submit(self, places: frozenset[str] | None, function: Any, *arguments: Any) -> Future:
        workers = None if places is None else [*places]
        return self._client.submit(function, *arguments, workers=workers, pure=False)


class Cluster:
    """The executor. `lost` says, in a line, why it ended before the work did; None if it did not."""

    def __init__(self, client: Client, name: str, loop: Loop, limits: Limits) -> None:
        self.lost: str | None = None
        self._client = client
        self._name = name
        self._loop = loop
        self._limits = limits
        self._watch = Watch(client, limits)
        loop.ask(self._watch.run())

    def in_order(
        self, work: Work[Item, Result], items: Sequence[Item], stop: Stop, load: Load
    ) -> Iterator[tuple[Item, Result]]:
        sender, chunks = Sender(self._client, work), Chunks(items)
        ahead: deque[Chunk] = deque()
        try:
            while ahead or chunks:
                sight = self._seen()
                threads = max(1, sight.threads)
                while chunks and len(ahead) < LEAD * threads:
                    ahead.append(sender.chunk(chunks.next(LEAD * threads), sight))
                done = self._taken(ahead, sender, stop)
                chunk = ahead.popleft()
                if done is None:
                    # the scheduler took it from its worker and gave it back
                    ahead.appendleft(sender.chunk(chunk.items, sight))
                    continue
                chunks.took(len(chunk.items), done.seconds, max(CHUNK_SECONDS, SECONDS_HERE * threads))
                yield from zip(chunk.items, pickle.loads(done.results), strict=True)
        except Cancelled:
            return
        except ClosedClientError:
            # since the last look
            self._ended(f"{self._name} no longer answers")
        finally:
            self._take_back([chunk.future for chunk in ahead])

    def _seen(self) -> Sight:
        """What is known of the cluster; Cancelled if it is lost."""
        sight = self._watch.sight
        if sight.problem is not None:
            raise self._ended(f"{self._name} {sight.problem}")
        if self._client.status != "running":
            raise self._ended(f"{self._name} no longer answers")
        return sight

    def _ended(self, reason: str) -> Cancelled:
        self.lost = reason
        return Cancelled()

    def _taken(self, ahead: deque[Chunk], sender: Sender, stop: Stop) -> Computed | None:
        """The result of the first chunk, which may be sent again meanwhile; Cancelled if there will be none."""
        late = time.monotonic() + self._limits.worker / ASKED
        try:
            while True:
                chunk = ahead[0]
                fetched = self._loop.ask(_result(chunk.future))
                while chunk is ahead[0]:
                    stop.checkpoint()
                    if futures.wait([fetched], POLL_SECONDS).done:
                        stop.checkpoint()
                        return self._checked(chunk, fetched)
                    sight = self._seen()
                    self._watch.listening = time.monotonic() > late
                    if sight.whole:
                        self._send_elsewhere(ahead, sender, sight)
                fetched.cancel()
        finally:
            self._watch.listening = False

    def _send_elsewhere(self, ahead: deque[Chunk], sender: Sender, sight: Sight) -> None:
        """Give what unfit workers may have to others."""
        for place, chunk in enumerate(ahead):
            if chunk.is_stuck(sight):
                if not sight.fit:
                    limits = self._limits
                    silent, still = f"does not answer ({limits.worker:g} s)", f"stands still ({limits.standstill:g} s)"
                    raise self._ended(f"{self._name} has no other worker for what one has that {silent} or {still}")
                self._take_back([chunk.future])
                ahead[place] = sender.chunk(chunk.items, sight)

    def _take_back(self, chunks: list[Future]) -> None:
        """Nobody waits for a scheduler that does not hear it."""
        if chunks and self._client.status == "running":
            with suppress(OSError):
                self._loop.answer(_cancel(self._client, chunks), self._limits.close, Stop(None))

    def _checked(self, chunk: Chunk, fetched: futures.Future[Computed | None]) -> Computed | None:
        """What a worker computed, if it computes what would be computed here."""
        error = None if fetched.cancelled() else fetched.exception()
        is_lost = isinstance(error, (OSError, FutureCancelledError)) and chunk.future.status != "error"
        if fetched.cancelled() or is_lost:
            raise self._ended(f"{self._name} no longer answers")
        if error is not None:
            raise self._ended(_reason(error))
        done = fetched.result()
        here = fingerprint(__version__)
        if done is not None and done.fingerprint != here:
            there = shown(done.fingerprint)
            raise self._ended(f"the numbers of a worker may not be those of this machine: {there} there, {here} here")
        return done


def _reason(error: BaseException) -> str:
    if isinstance(error, KilledWorker):
        return f"{error.allowed_failures + 1} workers died of the same work"
    if isinstance(error, ImportError):
        return f"the workers lack a package: {shown(error)}"
    if isinstance(error, RuntimeError) and "deserialization of the task graph" in str(error):
        return "the scheduler lacks packages that are here"
    return f"the work failed on a worker: {type(error).__name__}: {shown(error)}"


def shown(said: object) -> str:
    """What another machine says, on one line: short, and nothing that a terminal could take for a command."""
    text = str(said)
    return (text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}...").encode("unicode_escape").decode()


async def _result(future: Future) -> Computed | None:
    done: Computed | None = await future
    return done


async def _cancel(client: Client, chunks: list[Future]) -> None:
    await client.cancel(chunks)

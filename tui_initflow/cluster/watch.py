"""Who is still there: the scheduler, which is asked again and again, and the workers, asked when work is late.

A connection to a process that is stopped, or behind a network that drops what it is sent, stays open and says nothing.
So nothing is concluded from connections, and nothing from how long work takes, which nobody knows in advance: only from
answers, and from the checkpoints that a computation passes.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from time import monotonic
from types import TracebackType
from typing import Any, Generic, NamedTuple, TypeVar

from distributed import Client

from tui_initflow.cluster.worker import checkpoints
from tui_initflow.engine.pool import Stop

POLL_SECONDS = 0.01
"""Between two looks at whether something is done, or the work was cancelled."""
DROP_SECONDS = 0.5
"""For what is dropped to notice that it is."""
STOP_SECONDS = 5.0
"""For what runs when all is dropped; it seldom takes any time, but must not be heard of later."""

Answer = TypeVar("Answer")


class Loop:
    """An event loop that runs while the context lasts."""

    def __enter__(self) -> Loop:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._last: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="cluster", daemon=True)
        self._thread.start()
        return self

    def _run(self) -> None:
        # processes inherit it: Ctrl+C in a terminal goes to them too, also before they can ignore it
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def ask(self, coroutine: Coroutine[Any, Any, Answer]) -> Future[Answer]:
        """Start a coroutine; its result can be waited for, or cancelled."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def answer(self, coroutine: Coroutine[Any, Any, Answer], limit: float, stop: Stop) -> Answer:
        """The result of a coroutine.

        Raises:
            TimeoutError: it took longer than the limit, in seconds.
            Cancelled: the work was stopped.
        """
        asked, end = self.ask(coroutine), monotonic() + limit
        try:
            while not wait([asked], POLL_SECONDS).done:
                stop.checkpoint()
                if monotonic() > end:
                    raise TimeoutError
            return asked.result()
        finally:
            asked.cancel()
            # else the traceback of what is raised would keep it, and that the connections that it had
            del asked

    def afterwards(self, last: Callable[[], None]) -> None:
        """Call something when nothing runs here any longer."""
        self._last.append(last)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        wait([self.ask(_drop_all())], 2 * DROP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()
        for last in self._last:
            last()


async def _drop_all() -> None:
    """Cancel every other task."""
    # what ends in one may start another
    for _ in range(2):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others, timeout=DROP_SECONDS / 2)


TICK_SECONDS = 0.1
ASKED = 10
"""How often something is asked within the limit for its answer."""
QUESTIONS_PER_SECOND = 100
"""To all workers together, through the scheduler, which has other work."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds after which a cluster, or a part of it, is given up."""

    connect: float = 10.0
    """For an address to accept a connection, and then to answer as a scheduler."""
    start: float = 60.0
    """For the processes of a local cluster to start, and a second more for each."""
    scheduler: float = 30.0
    """For an answer of the scheduler."""
    worker: float = 30.0
    """For an answer of a worker; then others do its work."""
    standstill: float = 120.0
    """For a computation to pass the next checkpoint, of which it has several a second; then others do it."""
    empty: float = 300.0
    """Without any worker."""
    close: float = 1.0
    """To take work back, and to part."""


LIMITS = Limits()


class Sight(NamedTuple):
    """What is known at a time; `workers` are addresses."""

    threads: int = 0
    """Threads of all workers."""
    workers: frozenset[str] = frozenset()
    unfit: frozenset[str] = frozenset()
    """Workers that do not answer, or whose computations stand still."""
    moving: frozenset[str] = frozenset()
    """Keys of tasks that others compute."""
    whole: bool = False
    """Whether all workers are known to be either, because work was late."""
    problem: str | None = None
    """Why the cluster is lost, if it is."""

    @property
    def fit(self) -> frozenset[str]:
        return self.workers - self.unfit


class Question(Generic[Answer]):
    """Something asked again some seconds after it was asked last, and how long the last answer is ago."""

    def __init__(self, ask: Callable[[], Awaitable[Answer]]) -> None:
        self.answer: Answer | None = None
        self.silence = 0.0
        self._ask = ask
        self._asked: asyncio.Future[Answer] | None = None
        self._since = float("inf")

    def tick(self, seconds: float, every: float) -> None:
        self.silence += seconds
        self._since += seconds
        if self._asked is not None and self._asked.done():
            if not self._asked.cancelled() and self._asked.exception() is None:
                self.answer, self.silence = self._asked.result(), 0.0
            self._asked = None
        if self._asked is None and self._since >= every:
            self._asked, self._since = asyncio.ensure_future(self._ask()), 0.0

    def drop(self) -> None:
        if self._asked is not None:
            self._asked.cancel()


class Heard:
    """What a worker says of its computations, and for how long each has said the same."""

    def __init__(self, question: Question[Mapping[str, int]]) -> None:
        self.question = question
        self.stood: dict[str, float] = {}
        self._passed: Mapping[str, int] = {}

    def tick(self, seconds: float, every: float) -> None:
        self.question.tick(seconds, every)
        now = self.question.answer or {}
        self.stood = {
            key: self.stood.get(key, 0.0) + seconds if self._passed.get(key) == passed else 0.0
            for key, passed in now.items()
        }
        self._passed = now

    def is_fit(self, limits: Limits) -> bool:
        stands = any(seconds > limits.standstill for seconds in self.stood.values())
        return self.question.silence <= limits.worker and not stands


class Watch:
    """Keeps `sight` up to date while `run` runs. Work that is late sets `listening`, so that workers are asked too."""

    def __init__(self, client: Client, limits: Limits) -> None:
        self.sight = Sight()
        self.listening = False
        self._client = client
        self._limits = limits
        self._scheduler: Question[Mapping[str, int]] = Question(client.nthreads)
        self._workers: dict[str, Heard] = {}
        self._empty = 0.0

    async def run(self) -> None:
        before = monotonic()
        while True:
            now = monotonic()
            # while this process is suspended nobody can answer it
            self.tick(min(now - before, 2 * TICK_SECONDS))
            before = now
            await asyncio.sleep(TICK_SECONDS)

    def tick(self, seconds: float) -> None:
        """So much later."""
        limits = self._limits
        self._scheduler.tick(seconds, limits.scheduler / ASKED)
        threads = self._scheduler.answer
        if threads is None:
            threads = {}
        else:
            self._empty = 0.0 if threads else self._empty + seconds
        for address in [*self._workers]:
            # one that is unfit is asked on, so that it gets no work before it is fit again
            if address not in threads or (not self.listening and self._workers[address].is_fit(limits)):
                self._workers.pop(address).question.drop()
        if self.listening:
            for address in threads:
                if address not in self._workers:
                    self._workers[address] = Heard(Question(partial(self._asked, address)))
        every = max(limits.worker / ASKED, len(self._workers) / QUESTIONS_PER_SECOND)
        # their answers come through the scheduler: its silence is not theirs
        is_audible = self._scheduler.silence <= 2 * limits.scheduler / ASKED
        for heard in self._workers.values():
            heard.tick(seconds if is_audible else 0.0, every)
        unfit = frozenset(address for address, heard in self._workers.items() if not heard.is_fit(limits))
        others = [heard for address, heard in self._workers.items() if address not in unfit]
        self.sight = Sight(
            threads=sum(threads.values()),
            workers=frozenset(threads),
            unfit=unfit,
            moving=frozenset(key for heard in others for key in heard.stood),
            whole=self.listening and all(heard.question.answer is not None for heard in others),
            problem=self._problem(),
        )

    def _problem(self) -> str | None:
        if self._scheduler.silence > self._limits.scheduler:
            return f"does not answer ({self._limits.scheduler:g} s)"
        if self._empty > self._limits.empty:
            return f"has no workers ({self._limits.empty:g} s)"
        return None

    async def _asked(self, address: str) -> Mapping[str, int]:
        """The checkpoints that the computations of a worker have passed, by the keys of their tasks."""
        answers: Mapping[str, Mapping[str, int]] = await self._client.run(checkpoints, workers=[address])
        return answers[address]

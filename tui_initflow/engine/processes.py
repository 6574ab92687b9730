"""Work spread over processes of this machine, which no interpreter's lock makes wait for each other.

They are `worker`s, started in the background when work is first long enough, and kept for what comes after. Until one
is ready, and if none ever is, the thread that asked for the work does it. Short work stays in threads.
"""

from __future__ import annotations

import atexit
import os
import pickle
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from queue import SimpleQueue
from time import perf_counter
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

from tui_initflow.engine.pool import Cancelled, Chunks, Load, Stop, Threads, Work
from tui_initflow.engine.processors import BLAS_THREADS, available_processors
from tui_initflow.engine.worker import COMMAND, READY, STOP, Answer, Chunk

LONG, LONG_WHEN_READY = 0.5, 0.1
"""Seconds of work for which processes are started, and for which those that are ready are used."""
CHUNK_SECONDS = 0.05
"""Work of a chunk, if its items are short."""
LEAD = 3
"""Chunks for each process that are handed out ahead: a bounded lead keeps memory flat."""
ATTEMPTS = 2
"""Processes that a chunk may cost."""
POLL_SECONDS = 0.01
"""Between two looks at whether something is done, or the work was cancelled."""
END_SECONDS = 1.0
"""For the threads of processes that were killed to notice."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Lost(Exception):
    """A process has ended, or could not be started. The message says how."""


class Job(NamedTuple):
    """A chunk for whichever process is free. All chunks of some work have the same event: that it is not wanted."""

    work: bytes
    items: Sequence[Any]
    unwanted: threading.Event
    answer: Future[Answer]


class Process:
    """A worker, started. One thread asks it; any may stop or end it."""

    def __init__(self) -> None:
        """Raises Lost if it cannot be started."""
        if not sys.executable or getattr(sys, "frozen", False):
            raise Lost("there is no Python to start")
        # which only long work needs
        import subprocess

        # it finds the same code as this program, wherever that was started
        where = os.pathsep.join(map(str, sys.path))
        environment = {**os.environ, **dict.fromkeys(BLAS_THREADS, "1"), "PYTHONPATH": where}
        try:
            self._popen = subprocess.Popen(
                [sys.executable, *COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                # what a terminal sends to the program, such as Ctrl+C, is not for it
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise Lost(str(error)) from None
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._to, self._from = self._popen.stdin, self._popen.stdout
        self._writing = threading.Lock()
        self._work: bytes | None = None
        """What it was sent last."""
        self._unwanted: threading.Event | None = None
        """That of the chunk it was sent last."""

    @property
    def pid(self) -> int:
        return self._popen.pid

    def wait_until_ready(self) -> None:
        """Raises Lost if it ends before."""
        if self._received() != READY:
            self.leave()
            raise Lost("it would compute with another copy of this program")

    def ask(self, job: Job) -> Answer:
        """What it computes.

        Raises:
            Cancelled: it is not wanted.
            Lost: it ended before.
        """
        with self._writing:
            self._unwanted = job.unwanted
            if job.unwanted.is_set():
                raise Cancelled
            try:
                self._send(Chunk(None if self._work == job.work else job.work, job.items))
            except OSError:
                raise self._lost() from None
            self._work = job.work
        answer: Answer = self._received()
        return answer

    def stop(self, unwanted: threading.Event) -> None:
        """Ask it to end what it computes, if that is of the work with this event."""
        # one that does not even read is not waited for
        if self._writing.acquire(timeout=POLL_SECONDS):
            try:
                if self._unwanted is unwanted:
                    self._work = None
                    with suppress(OSError):
                        self._send(STOP)
            finally:
                self._writing.release()

    def end(self) -> None:
        """Kill it: it has nothing to put in order."""
        self._popen.kill()
        self._popen.wait()

    def leave(self) -> None:
        """End it, and what leads to it: nobody asks it any more."""
        self.end()
        for pipe in (self._to, self._from):
            with suppress(OSError):
                pipe.close()

    def _send(self, message: object) -> None:
        # whole or not at all
        self._to.write(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
        self._to.flush()

    def _received(self) -> Any:
        try:
            return pickle.load(self._from)
        except Exception:
            # there is nothing that half an answer may not raise
            raise self._lost() from None

    def _lost(self) -> Lost:
        self.leave()
        status = self._popen.returncode
        return Lost(f"signal {-status}" if status < 0 else f"status {status}")


class Processes:
    """The executor: `count` processes, by default one for each processor, or threads alone if that is less than two.

    `tell` is called, in whichever thread, with a line for the user if processes die. It is a context, at whose end the
    processes end, as they do with the program. `lost` says, in a line, why some work ended before it was done; None if
    none did.
    """

    def __init__(self, count: int | None = None, tell: Callable[[str], None] = lambda _: None) -> None:
        self.count = available_processors() if count is None else count
        self.lost: str | None = None
        self._tell = tell
        self._has_told = False
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._changing = threading.Lock()
        self._drivers: list[threading.Thread] = []
        """A thread for each process, which waits for it; none before they are started."""
        self._all: list[Process] = []
        self._ready: list[Process] = []
        self._is_closed = False
        self._pace = 1.0
        """How many times longer work takes here than expected."""

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def in_order(
        self, work: Work[Item, Result], items: Sequence[Item], stop: Stop, load: Load
    ) -> Iterator[tuple[Item, Result]]:
        is_long = load.seconds * self._pace >= (LONG_WHEN_READY if self._ready else LONG)
        if min(self.count, load.fit, len(items)) < 2 or not is_long:
            return self._in_threads(work, items, stop, load)
        self._start()
        return self._spread(work, items, stop, load.fit if load.fit < self.count else LEAD * self.count)

    def _in_threads(
        self, work: Work[Item, Result], items: Sequence[Item], stop: Stop, load: Load
    ) -> Iterator[tuple[Item, Result]]:
        """Short work, which tells how long it takes if that was longer than expected."""
        start, left = perf_counter(), len(items)
        for done in Threads().in_order(work, items, stop, load):
            left -= 1
            yield done
        seconds = perf_counter() - start
        if not left and seconds >= LONG and load.seconds:
            self._pace = seconds / load.seconds

    def _spread(
        self, work: Work[Item, Result], items: Sequence[Item], stop: Stop, lead: int
    ) -> Iterator[tuple[Item, Result]]:
        chunks, pickled, unwanted = Chunks(items), pickle.dumps(work, pickle.HIGHEST_PROTOCOL), threading.Event()
        here = Here(work, stop)
        ahead: deque[Job] = deque()
        try:
            while ahead or chunks:
                while chunks and len(ahead) < lead:
                    ahead.append(Job(pickled, chunks.next(lead), unwanted, Future()))
                    self._jobs.put(ahead[-1])
                answer = self._answer(ahead[0], here, stop)
                done = ahead.popleft().items
                chunks.took(len(done), answer.seconds, CHUNK_SECONDS)
                # those before the one that failed
                yield from zip(done, answer.results, strict=answer.error is None)
                if answer.error is not None:
                    raise pickle.loads(answer.error)
        except Cancelled:
            return
        except Lost as error:
            self.lost = str(error)
            self._tell(self.lost)
        finally:
            unwanted.set()
            for job in ahead:
                job.answer.cancel()
            for process in [*self._ready] if ahead else ():
                process.stop(unwanted)

    def _answer(self, job: Job, here: Here, stop: Stop) -> Answer:
        while True:
            stop.checkpoint()
            if self._is_closed:
                raise Cancelled
            # what nobody has begun can be taken back
            if not self._ready and job.answer.cancel():
                return here.answer(job.items)
            if wait([job.answer], POLL_SECONDS).done:
                stop.checkpoint()
                return job.answer.result()

    def _start(self) -> None:
        """In the background, unless they have been started."""
        with self._changing:
            if self._drivers or self._is_closed:
                return
            self._drivers = [threading.Thread(target=self._drive, daemon=True) for _ in range(self.count)]
            atexit.register(self.close)
        for driver in self._drivers:
            driver.start()

    def _drive(self) -> None:
        """Give a process chunk after chunk."""
        process = self._started()
        while process is not None and (job := self._jobs.get()) is not None:
            if job.answer.set_running_or_notify_cancel():
                process = self._asked(job, process)
        if process is not None:
            process.leave()

    def _asked(self, job: Job, process: Process) -> Process | None:
        """Have a chunk done; returns the process, or another one if it ended."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                job.answer.set_result(process.ask(job))
                return process
            except Lost as lost:
                self._forget(process)
                another = self._started()
                if another is None or attempt == ATTEMPTS:
                    job.answer.set_exception(self._reason(lost, attempt))
                    return another
                self._tell_once(f"a process ended ({lost}); what it was doing is done again")
                process = another
            except Exception as error:
                job.answer.set_exception(error)
                return process
        return process

    def _reason(self, lost: Lost, attempt: int) -> Exception:
        """Why a chunk was not done."""
        if self._is_closed:
            return Cancelled()
        if attempt < ATTEMPTS:
            return Lost(f"a process ended ({lost}), and another cannot be started")
        return Lost(f"{ATTEMPTS} processes ended in the same work ({lost})")

    def _started(self) -> Process | None:
        """Another process, ready; None if there can be none."""
        if self._is_closed:
            return None
        try:
            process = Process()
        except Lost:
            return None
        with self._changing:
            self._all.append(process)
            if self._is_closed:
                process.end()
        try:
            process.wait_until_ready()
        except Lost:
            self._all.remove(process)
            return None
        self._ready.append(process)
        return process

    def _forget(self, process: Process) -> None:
        self._all.remove(process)
        self._ready.remove(process)

    def _tell_once(self, line: str) -> None:
        with self._changing:
            has_told, self._has_told = self._has_told, True
        if not has_told:
            self._tell(line)

    def close(self) -> None:
        """End all processes."""
        with self._changing:
            self._is_closed = True
            processes = [*self._all]
        for process in processes:
            process.end()
        for _ in self._drivers:
            self._jobs.put(None)
        for driver in self._drivers:
            driver.join(END_SECONDS)
        atexit.unregister(self.close)


class Here:
    """A stand-in for a process, which does its work in the thread that asks."""

    def __init__(self, work: Work[Any, Any], stop: Stop) -> None:
        self._work, self._stop = work, stop
        self._compute: Callable[[Any], Any] | None = None

    def answer(self, items: Sequence[Any]) -> Answer:
        start = perf_counter()
        if self._compute is None:
            self._compute = self._work(self._stop)
        return Answer([*map(self._compute, items)], None, perf_counter() - start)

"""Jobs: what a screen computes in a thread, of which only the newest counts.

A job is a coroutine of its screen. Cancelling it does not end its thread, but nothing of the thread arrives any more.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from functools import cache, partial
from typing import Any, TypeVar

from textual.screen import Screen
from textual.worker import Worker

from tui_initflow.model.settings import SettingError
from tui_initflow.storage.files import record

FRAME_SECONDS = 0.2
"""At most five live frames a second: more is not read, and a slow line cannot carry it."""
FIRST_FRAME_SECONDS = 0.1
"""Work shorter than this shows no progress at all: a bar that flashes only disturbs."""

P = TypeVar("P")
T = TypeVar("T")
OnProgress = Callable[[P], None]


async def unseen(_: object) -> None:
    """Shows nothing of the progress."""


class Failed(Exception):
    """A computation raised an exception, which is the cause."""


class Job:
    """One kind of work, of which only the newest counts. `ended` is told why it failed, "" if it did not."""

    def __init__(self, screen: Screen[Any], name: str, ended: Callable[[str], None]) -> None:
        self._screen = screen
        self._name = name
        self._ended = ended
        self._cancel = threading.Event()
        self._worker: Worker[None] | None = None
        self.busy = False

    def start(self, work: Callable[[], Awaitable[None]]) -> None:
        self.drop()
        self._cancel = threading.Event()
        self.busy = True
        self._worker = self._screen.run_worker(partial(self._run, work), group=self._name)

    def stop(self) -> None:
        """Ask the computation to end; what it has done still arrives."""
        self._cancel.set()

    @property
    def stopped(self) -> bool:
        return self._cancel.is_set()

    def drop(self) -> None:
        """End the work and let nothing of it arrive."""
        self.stop()
        if self._worker is not None:
            self._worker.cancel()
        self.busy = False

    async def compute(self, function: Callable[[], T]) -> T:
        """What the function returns, which runs in a thread.

        Raises:
            SettingError: the settings do not allow it.
            Failed: it raised another exception.
        """
        try:
            return await asyncio.to_thread(_compute, function)
        except SettingError:
            raise
        except Exception as error:
            raise Failed from error

    async def follow(
        self,
        function: Callable[[threading.Event, OnProgress[P]], T],
        show: Callable[[P], Awaitable[None]] = unseen,
        waiting: Callable[[float], None] = lambda _: None,
    ) -> T:
        """Compute a function that reports progress and ends when it is cancelled; `show` gets the newest report.

        `waiting` is called where there is no report yet, with the seconds that have passed.

        Raises:
            SettingError, Failed: as `compute`.
        """
        newest: deque[P] = deque(maxlen=1)
        thread = asyncio.create_task(self.compute(partial(function, self._cancel, newest.append)))
        clock = asyncio.get_running_loop().time
        started, reported = clock(), False
        due = started + FIRST_FRAME_SECONDS
        try:
            while not (await asyncio.wait([thread], timeout=max(due - clock(), 0.0)))[0]:
                # from here on: a late frame does not hurry the next one, and one that takes long does not put it off
                due = clock() + FRAME_SECONDS
                if newest:
                    reported = True
                    await show(newest.pop())
                elif not reported:
                    waiting(clock() - started)
            return await thread
        finally:
            thread.cancel()

    async def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        problem = ""
        try:
            await work()
        except SettingError as error:
            # no failure: the settings that the user chose do not go with the work
            problem = error.problem
        except Failed as failed:
            problem = self._report(failed.__cause__)
        self.busy = False
        self._ended(problem)

    def _report(self, error: BaseException | None) -> str:
        """Tell what failed and what to do; the same in a line that fits beside the buttons."""
        assert error is not None
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        advice = f"Nothing is lost: try again or with other settings. To report it, {record(error)}"
        title = f"The {self._name} failed"
        self._screen.notify(f"{what}. {advice}", title=title, severity="error", timeout=20, markup=False)
        return f"{self._name} failed: {error or type(error).__name__}"


def _compute(function: Callable[[], T]) -> T:
    load_drawing()
    return function()


@cache
def load_drawing() -> None:
    """Import what draws results: in a thread, so that neither the first paint nor the event loop waits for it."""
    from tui_initflow.pages import gradient, layers, phase, runs, sweeps, why  # noqa: F401

    # all that is loaded stays: going through it in every full collection would halt the screen for 80 ms
    gc.freeze()

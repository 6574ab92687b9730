"""The event loop in which Dask's coroutines run: a thread of its own, so that what they wait for holds up nobody.

Dask can run a loop itself, and waits in it for as long as a peer says nothing. In this one every answer has a limit,
and what has not ended when it is closed is dropped: nothing of it is left to print a traceback later.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from time import monotonic
from types import TracebackType
from typing import Any, TypeVar

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

"""The thread between the app and the terminal: whether the line is free, and how to leave without waiting for it."""

from __future__ import annotations

import time
from contextlib import suppress
from queue import Empty, Full, Queue

MOMENT = 0.02
"""Seconds in which a terminal that keeps up has taken what was written."""


class Writer:
    """The queue of Textual's writer thread."""

    def __init__(self, queue: Queue[str | None]) -> None:
        self._queue = queue

    @property
    def has_work(self) -> bool:
        """Whether a text has not even been started."""
        return not self._queue.empty()

    def finishes(self, seconds: float = MOMENT) -> bool:
        """Whether everything is written within this many seconds, which it waits for."""
        deadline = time.monotonic() + seconds
        # the second empty text is taken when the first one, and with it all before, is out
        for _ in range(2):
            with suppress(Full):
                self._queue.put_nowait("")
            while self.has_work:
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.001)
        return True

    def discard(self) -> None:
        """Drop what has not been started. A started text arrives whole, so that no control sequence is cut."""
        with suppress(Empty):
            while True:
                self._queue.get_nowait()

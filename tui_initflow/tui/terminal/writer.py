"""The thread between the app and the terminal: whether the line is free, and how to leave without waiting for it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue
from threading import Thread

MOMENT = 0.02
"""Seconds in which a terminal that keeps up has taken what was written."""
RELEASE_SECONDS = 0.5
"""How long a write that was interrupted may take to end."""


class Writer:
    """Textual's writer thread and its queue."""

    def __init__(self, thread: Thread, queue: Queue[str | None]) -> None:
        self._thread = thread
        self._queue = queue

    @property
    def has_work(self) -> bool:
        """Whether a text has not even been started."""
        return not self._queue.empty()

    def finishes(self, seconds: float = MOMENT) -> bool:
        """Wait up to `seconds` until everything is written; whether it is."""
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
        """Drop everything that the terminal has not read."""
        with suppress(Empty):
            while True:
                self._queue.get_nowait()
        fileno = getattr(self._thread, "fileno", None)
        if fileno is None or not hasattr(signal, "pthread_kill") or not os.isatty(fileno()):
            return
        import termios  # like pthread_kill, not on Windows

        # The thread may be in the middle of a text. Its rest must not follow the gap that flushing makes: the halves
        # of two control sequences would make a third. So the write is interrupted and goes on into nothing.
        with suppress(ValueError, termios.error), _to_nowhere(fileno()) as terminal:
            signal.signal(signal.SIGURG, lambda *_: None)
            signal.pthread_kill(self._thread.ident or 0, signal.SIGURG)
            if self.finishes(RELEASE_SECONDS):
                termios.tcflush(terminal, termios.TCOFLUSH)


@contextmanager
def _to_nowhere(output: int) -> Iterator[int]:
    """Lose what is written to this file descriptor meanwhile; gives another one of the same file."""
    terminal = os.dup(output)
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, output)
        os.close(null)
        yield terminal
    finally:
        os.dup2(terminal, output)
        os.close(terminal)

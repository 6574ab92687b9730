"""How far a command is, and how it is stopped."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class ProgressLine:
    """One line on standard error that is rewritten in place, only where somebody looks at it."""

    SECONDS = 0.1

    def __init__(self) -> None:
        self._shown = False
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        # work that ends at once shows nothing
        self._due = time.monotonic() + self.SECONDS

    def show(self, text: str) -> None:
        moment = time.monotonic()
        if self._terminal and moment >= self._due:
            self._due = moment + self.SECONDS
            self._shown = True
            print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def progress_line() -> Iterator[ProgressLine]:
    line = ProgressLine()
    try:
        yield line
    finally:
        line.clear()


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that ctrl+c sets, so that what is done can still be told. A second ctrl+c ends at once."""
    cancel = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        cancel.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)

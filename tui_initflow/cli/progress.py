"""How far a command is, and how it is stopped."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType


class ProgressLine:
    """One line on standard error that is rewritten in place, only where somebody looks at it."""

    FIRST, EVERY = 0.3, 0.1
    """Seconds: work that ends at once shows nothing."""

    def __init__(self) -> None:
        self._text = ""
        self._ended = threading.Event()
        # a thread, as some work has no moment at which it could tell how far it is
        self._thread = threading.Thread(target=self._draw, daemon=True)
        if sys.stderr is not None and sys.stderr.isatty():
            self._thread.start()

    def show(self, text: str) -> None:
        """What is done now."""
        self._text = text

    def clear(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _draw(self) -> None:
        shown, wait = "", self.FIRST
        # a terminal that went away is no reason to stop
        with suppress(OSError):
            while not self._ended.wait(wait):
                wait = self.EVERY
                if self._text != shown:
                    shown = self._text
                    print(f"\r{shown}\x1b[K", end="", file=sys.stderr, flush=True)
            if shown:
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

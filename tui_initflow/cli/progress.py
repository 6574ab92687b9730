"""Showing the progress of a command, and interrupting it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Self


class ProgressLine:
    """A line on standard error that is rewritten in place, if standard error is a terminal."""

    FIRST, EVERY = 0.3, 0.1
    """Seconds before the first line, so that short work shows none, and between two lines."""

    def __init__(self) -> None:
        self._text = ""
        self._ended = threading.Event()
        # a thread, because some work never gets to a point where it could report
        self._thread = threading.Thread(target=self._draw, daemon=True)

    def __enter__(self) -> Self:
        if sys.stderr is not None and sys.stderr.isatty():
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def show(self, text: str) -> None:
        """Replace the text; it is drawn the next time the line is."""
        self._text = text

    def _draw(self) -> None:
        drawn, wait = "", self.FIRST
        # the work goes on if the terminal goes away
        with suppress(OSError):
            while not self._ended.wait(wait):
                wait = self.EVERY
                if self._text != drawn:
                    drawn = self._text
                    print(f"\r{drawn}\x1b[K", end="", file=sys.stderr, flush=True)
            if drawn:
                print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl+C sets, so that partial results can be written. A second Ctrl+C ends the program at once."""
    cancel = threading.Event()
    previous = signal.getsignal(signal.SIGINT)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        cancel.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, previous)

"""Showing the progress of a command, and interrupting it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

FIRST, EVERY = 0.3, 0.1
"""Seconds before the first line, so that short work shows none, and between two lines."""


@contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """A line on standard error that is rewritten in place, if that is a terminal; the function given sets its text."""
    text = ""
    ended = threading.Event()

    def show(new: str) -> None:
        nonlocal text
        text = new

    def draw() -> None:
        drawn, wait = "", FIRST
        # the work goes on if the terminal goes away
        with suppress(OSError):
            while not ended.wait(wait):
                wait = EVERY
                if text != drawn:
                    drawn = text
                    print(f"\r{drawn}\x1b[K", end="", file=sys.stderr, flush=True)
            if drawn:
                print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    # a thread, because some work never gets to a point where it could report
    thread = threading.Thread(target=draw, daemon=True)
    if sys.stderr is not None and sys.stderr.isatty():
        thread.start()
    try:
        yield show
    finally:
        ended.set()
        if thread.is_alive():
            thread.join()


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

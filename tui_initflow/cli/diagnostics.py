"""What the command line says on standard error, messages and progress, and how it ends: statuses and interrupts."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType

BAD_USAGE, FAILED, UNHEALTHY, INTERRUPTED, PIPE_CLOSED = 2, 1, 1, 130, 141
STATUSES: Mapping[int, str] = {
    0: "success; check, inspect --check: the network is healthy",
    FAILED: "the output cannot be written, or a cluster was lost; check, inspect --check: the network is not healthy",
    BAD_USAGE: "an invalid option or file name",
    INTERRUPTED: "interrupted with Ctrl+C; completed runs are written",
    PIPE_CLOSED: "the reader closed the pipe",
}
"""Every exit status; the last two are those that a shell reports of a program ended by SIGINT or SIGPIPE."""

MOST_ECHOED = 60
"""Characters of an argument that a message repeats."""
PROGRESS_AFTER, PROGRESS_EVERY = 0.3, 0.1
"""Seconds before the first progress, so that short work shows none, and between two."""


class Failure(Exception):
    """A message of one line for the user, and the exit status."""

    def __init__(self, message: str, status: int = BAD_USAGE) -> None:
        super().__init__(message)
        self.status = status


def quoted(word: str) -> str:
    """An argument on one line, however long it is and whatever it contains."""
    return ascii(word if len(word) <= MOST_ECHOED else f"{word[:MOST_ECHOED]}...")


def say(text: object, program: str) -> None:
    """Write a line to standard error, where results never go."""
    print(f"{program}: {text}", file=sys.stderr)


@contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """A line on standard error that is rewritten in place, if that is a terminal; the function given sets its text."""
    text = ""
    ended = threading.Event()

    def show(new: str) -> None:
        nonlocal text
        text = new

    def draw() -> None:
        drawn, wait = "", PROGRESS_AFTER
        # the work goes on if the terminal goes away
        with suppress(OSError):
            while not ended.wait(wait):
                wait = PROGRESS_EVERY
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
    """An event that Ctrl+C sets, so that partial results can be written. A second Ctrl+C ends the program at once.

    Raises:
        Failure: there was a second one.
    """
    cancel = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if cancel.is_set():
            # a third one would interrupt what the second one makes necessary
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            raise KeyboardInterrupt
        cancel.set()

    previous = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    except KeyboardInterrupt:
        raise Failure("ended at once by a second Ctrl+C", INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGINT, previous)

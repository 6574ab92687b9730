"""How a command ends: the status, the message, and the first Ctrl+C, after which it writes what is complete."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from tui_initflow.cli.interrupts import INTERRUPTED, interrupt

BAD_USAGE, FAILED, UNHEALTHY, PIPE_CLOSED = 2, 1, 1, 141
STATUSES: Mapping[int, str] = {
    0: "success; check, inspect --check: the network passes",
    FAILED: "the output cannot be written, or a cluster was lost; check, inspect --check: the network does not pass",
    BAD_USAGE: "an invalid option or file name",
    INTERRUPTED: "interrupted with Ctrl+C; completed runs are written",
    PIPE_CLOSED: "the reader closed the pipe",
}
"""Every exit status; the last two are those that a shell reports of a program ended by SIGINT or SIGPIPE."""

LONGEST_SUMMARY = 200
"""Characters of an unexpected error that a message repeats."""
MOST_ECHOED = 60
"""Characters of an argument that a message repeats."""


class Failure(Exception):
    """A message of one line for the user, and the exit status."""

    def __init__(self, message: str, status: int = BAD_USAGE) -> None:
        super().__init__(message)
        self.status = status


def quoted(word: str) -> str:
    """An argument on one line, however long it is and whatever it contains."""
    return ascii(word if len(word) <= MOST_ECHOED else f"{word[:MOST_ECHOED]}...")


def summary(error: BaseException) -> str:
    """An unexpected error on one line."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words[:LONGEST_SUMMARY]}".rstrip(": ")


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl+C sets, so that partial results can be written. A second Ctrl+C ends the program at once.

    Raises:
        Failure: there was a second one.
    """
    cancel = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            # a third one would interrupt what the second one makes necessary
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            interrupt(number, frame)
        cancel.set()

    previous = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    except KeyboardInterrupt:
        raise Failure("ended at once by a second Ctrl+C", INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGINT, previous)

"""The standard streams, each of which may be closed, full, or a terminal that has gone away.

Everything that the command line prints goes through here. A result that cannot be printed is a failure; a message that
cannot be is dropped, because nobody is left to tell.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from tui_initflow.cli.diagnostics import FAILED, Failure
from tui_initflow.storage.files import reason

TOGETHER = 1 << 20
"""Characters of a long text that are written together."""
PROGRESS_AFTER, PROGRESS_EVERY = 0.3, 0.1
"""Seconds before the first progress, so that short work shows none, and between two."""


def print_out(text: str) -> None:
    """Write to standard output, with other characters where its encoding lacks some, and flush it.

    Raises:
        BrokenPipeError: the reader has closed the pipe.
        Failure: it cannot be written.
    """
    if sys.stdout is None:
        raise Failure("standard output: is closed", FAILED)
    encoding = sys.stdout.encoding
    try:
        for start in range(0, len(text), TOGETHER):
            part = text[start : start + TOGETHER]
            sys.stdout.write(part.encode(encoding, errors="replace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Failure(f"standard output: {reason(error)}", FAILED) from None


def lines_in(stream: TextIO) -> Iterator[str]:
    """What is read from standard input. Raises Failure if it cannot be, as from a terminal that has gone away."""
    try:
        yield from stream
    except OSError as error:
        raise Failure(f"standard input: {reason(error)}") from None


def print_error(text: str) -> None:
    """Write to standard error, where results never go."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(text, end="", file=sys.stderr, flush=True)


def say(text: object, program: str) -> None:
    """Write a line to standard error."""
    print_error(f"{program}: {text}\n")


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
        while not ended.wait(wait):
            wait = PROGRESS_EVERY
            if text != drawn:
                drawn = text
                print_error(f"\r{drawn}\x1b[K")
        if drawn:
            print_error("\r\x1b[K")

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

"""What the command line says on standard error, one line at a time, and the statuses it exits with."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from tui_initflow.export.command_line import PROGRAM

BAD_USAGE, FAILED, UNHEALTHY, INTERRUPTED, PIPE_CLOSED = 2, 1, 1, 130, 141
STATUSES: Mapping[int, str] = {
    0: "success; check: the network is healthy",
    FAILED: "the output cannot be written; check: the network is not healthy",
    BAD_USAGE: "an invalid option or file name",
    INTERRUPTED: "interrupted with Ctrl+C; completed runs are written",
    PIPE_CLOSED: "the reader closed the pipe",
}
"""Every exit status; the last two are those that a shell reports of a program ended by SIGINT or SIGPIPE."""

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


def say(text: object, program: str = PROGRAM) -> None:
    """Write a line to standard error, where results never go."""
    print(f"{program}: {text}", file=sys.stderr)

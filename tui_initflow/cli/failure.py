"""How the command line ends when it cannot do what was asked, and what it says."""

from __future__ import annotations

import sys

from tui_initflow.export.command_line import PROGRAM

BAD_USAGE, FAILED, UNHEALTHY, INTERRUPTED, PIPE_CLOSED = 2, 1, 1, 130, 141
"""Exit statuses; the last two are what a shell reports of a program that the signal ended."""
SHOWN = 60
"""Characters of what was typed that a message repeats."""


class Failure(Exception):
    """What the user has to know in one line, and the exit status it ends with."""

    def __init__(self, message: str, status: int = BAD_USAGE) -> None:
        super().__init__(message)
        self.status = status


def quoted(word: str) -> str:
    """What was typed, on one line however long it is and whatever it contains."""
    return ascii(word if len(word) <= SHOWN else f"{word[:SHOWN]}...")


def say(text: str) -> None:
    """A line on standard error, where results never go."""
    print(f"{PROGRAM}: {text}", file=sys.stderr)

"""Ctrl+C at any moment, from the first import to the last thread: status 130, and never a traceback.

While a command runs, it raises KeyboardInterrupt, so that files and clusters are left in order. That exception is of no
use where nobody can catch it: in an import, C code prints it and reports another; in a destructor, it is printed and
forgotten. There, and once the command has ended, the process ends at once. What is printed is always flushed by then.
Imports only what the interpreter has loaded: while this module is loading, nothing is guarded yet.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130
"""The exit status."""


def take() -> None:
    """Answer Ctrl+C as long as a command runs."""
    import signal

    signal.signal(signal.SIGINT, interrupt)
    sys.unraisablehook = _unraisable


def end_at_once() -> None:
    """Answer Ctrl+C once the command has ended: the interpreter waits for threads, and prints what interrupts it."""
    import signal

    signal.signal(signal.SIGINT, lambda _signal, _frame: os._exit(INTERRUPTED))


def leave_to_asyncio() -> None:
    """Answer Ctrl+C as Python does, which asyncio replaces by ending its task in order, but nothing else."""
    import signal

    signal.signal(signal.SIGINT, signal.default_int_handler)


def interrupt(_signal: int, frame: FrameType | None) -> None:
    """The handler of SIGINT while a command runs."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            os._exit(INTERRUPTED)
        frame = frame.f_back
    raise KeyboardInterrupt


def _unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        os._exit(INTERRUPTED)
    sys.__unraisablehook__(unraisable)

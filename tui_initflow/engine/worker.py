"""A process that computes: chunks of items come from standard input, their results go to standard output, pickled.

`processes` starts it with `COMMAND`. Unlike a process of `multiprocessing` it imports nothing of the program that
started it, and it ends by itself when that does, however it does: its standard input ends then.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from queue import SimpleQueue
from typing import Any, BinaryIO, NamedTuple

from tui_initflow.engine.pool import Stop, Work

COMMAND = ("-P", "-c", "from tui_initflow.engine.worker import main; main()")
"""Arguments of Python; with -P, what lies in the present folder is not imported."""


READY = __file__
"""Sent once, before the first answer: whose code it computes with."""


KEPT_BYTES = 1 << 25
"""The largest array whose memory is kept: the most that glibc allows."""


class Chunk(NamedTuple):
    """What is sent to a process: items of the `work` that is pickled here, None for that of the chunk before."""

    work: bytes | None
    items: Sequence[Any]


STOP = None
"""Sent instead of a chunk: the work that it knows is wanted no longer."""


class Answer(NamedTuple):
    """What comes back: results in the order of the items or, pickled, what was raised; and the seconds it took."""

    results: list[Any]
    error: bytes | None
    seconds: float


class Given(NamedTuple):
    """A chunk that has arrived. All chunks of some work have the same event, which is set once that is to stop."""

    chunk: Chunk
    stopped: threading.Event


def main() -> None:
    # a terminal sends Ctrl+C to all, but those that compute are told what to stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # what anything prints is no answer
    os.dup2(2, 1)
    given: SimpleQueue[Given] = SimpleQueue()
    threading.Thread(target=_receive, args=(source, given), daemon=True).start()
    # what most work needs, before it is said to be ready
    import tui_initflow.engine.runs  # noqa: F401

    keep_freed_memory()
    _send(target, READY)
    compute: Callable[[Any], Any] = abs
    while True:
        chunk, stopped = given.get()
        start, results, error = time.perf_counter(), list[Any](), None
        try:
            if chunk.work is not None:
                work: Work[Any, Any] = pickle.loads(chunk.work)
                compute = work(Stop(stopped))
            results.extend(map(compute, chunk.items))
        except BaseException as raised:
            error = _pickled(raised)
        seconds = time.perf_counter() - start
        try:
            _send(target, Answer(results, error, seconds))
        except Exception as raised:
            # they cannot be sent
            _send(target, Answer([], _pickled(raised), seconds))


def _receive(source: BinaryIO, given: SimpleQueue[Given]) -> None:
    """Take what is sent, also while something is computed, and end the process when nobody is left to send."""
    stopped = threading.Event()
    try:
        while True:
            chunk = pickle.load(source)
            if chunk is STOP:
                stopped.set()
                continue
            if chunk.work is not None:
                stopped = threading.Event()
            given.put(Given(chunk, stopped))
    except EOFError:
        os._exit(0)
    finally:
        os._exit(1)


def _send(target: BinaryIO, message: object) -> None:
    pickled = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    try:
        target.write(pickled)
        target.flush()
    except OSError:
        os._exit(0)


def _pickled(error: BaseException) -> bytes:
    """An error with the lines that it came from; one that cannot be sent is told by its name and text."""
    error.add_note("".join(traceback.format_exception(error)).rstrip())
    try:
        pickled = pickle.dumps(error)
        pickle.loads(pickled)
        return pickled
    except Exception:
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))


@cache
def keep_freed_memory() -> None:
    """Let glibc keep what a batch frees for the next.

    Arrays would otherwise be asked of the system again and again, which takes longer than computing what is in them:
    by itself, glibc keeps twice the largest array freed so far, and what is reused between batches is never freed.
    """
    trim_threshold, mmap_threshold = -1, -3
    with suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(mmap_threshold, KEPT_BYTES)
        library.mallopt(trim_threshold, 2 * KEPT_BYTES)

"""The line to the terminal, both ways: what it sends as text, and a thread that gives it what is written."""

from __future__ import annotations

import os
import re
import select
from codecs import getincrementaldecoder
from contextlib import suppress
from queue import SimpleQueue
from threading import Event, Thread
from typing import TextIO

OLD_MOUSE_REPORT = re.compile(rb"\x1b\[M[^\x1b]{1,3}")
"""In the encoding of X10: a button, a column and a row, each as one byte, which is no UTF-8 from column 96 on."""
LONGEST_BEGUN = 5
"""Bytes of a report that is not complete yet."""


class KeyboardDecoder:
    """An incremental decoder of UTF-8. Old reports of the mouse keep their length, by which they are told from keys."""

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")("ignore")
        self._before = b""

    def decode(self, data: bytes, final: bool = False) -> str:
        """The text of the next bytes; the beginning of a character waits for the rest of it."""
        known = len(self._before)
        seen = self._before + data
        self._before = seen[-LONGEST_BEGUN:]
        readable = OLD_MOUSE_REPORT.sub(lambda report: report[0][:3].ljust(len(report[0])), seen)
        return self._decoder.decode(readable[known:], final)


MOMENT = 0.02
"""Seconds in which a terminal that keeps up has taken what was written."""


class Line:
    """A thread that gives the terminal what is written, no more at a time than it takes at once.

    So the thread is never held up inside a write, and can drop what the terminal has not taken.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._terminal = _opened(file)
        # that of Textual waits for itself where a signal is handled, as suspending is, while something is put into it
        self._texts: SimpleQueue[str | Event] = SimpleQueue()
        self._dropping = False
        Thread(target=self._run, name="line", daemon=True).start()

    def write(self, text: str) -> None:
        self._texts.put(text)

    @property
    def has_work(self) -> bool:
        """Whether a text has not even been started."""
        return not self._texts.empty()

    def finishes(self, seconds: float | None = MOMENT) -> bool:
        """Wait up to `seconds`, or as long as it takes, until everything is written; whether it is."""
        done = Event()
        self._texts.put(done)
        return done.wait(seconds)

    def discard(self) -> None:
        """Drop everything that the terminal has not read."""
        if self._terminal is None:
            return
        import termios  # not on Windows

        self._dropping = True
        self.finishes(None)
        # nothing follows the gap that this makes: the halves of two control sequences would make a third
        with suppress(termios.error):
            termios.tcflush(self._terminal, termios.TCOFLUSH)
        self._dropping = False

    def _run(self) -> None:
        while True:
            text = self._texts.get()
            if isinstance(text, Event):
                text.set()
                continue
            # whoever reads from a terminal that is gone is told as well
            with suppress(OSError, ValueError):
                if self._terminal is None:
                    self._file.write(text)
                    self._file.flush()
                else:
                    self._give(self._terminal, text.encode(self._file.encoding, self._file.errors or "strict"))

    def _give(self, terminal: int, data: bytes) -> None:
        while data and not self._dropping:
            try:
                data = data[os.write(terminal, data) :]
            except BlockingIOError:
                select.select([], [terminal], [], MOMENT)


def _opened(file: TextIO) -> int | None:
    """The terminal that this file is, opened again: others who share the file do not expect writes that are partial."""
    try:
        return os.open(os.ttyname(file.fileno()), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except (AttributeError, OSError):
        return None

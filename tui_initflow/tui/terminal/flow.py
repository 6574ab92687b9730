"""Frames for the terminal: only what differs from the last one, and only as many as the line takes.

A frame that would have to wait is not sent. What it would have shown is sent with the next one, so that after a
pause the newest state is on the screen, and a key is answered at once however much has happened meanwhile.
"""

from __future__ import annotations

import math
import os
import sys
from contextlib import suppress
from queue import Empty, Queue
from time import monotonic

from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.driver import Driver
from textual.geometry import Size

from tui_initflow.tui.terminal.cells import Frame, difference

WINDOW, LEAST_WINDOW, MOST_WINDOW = 4096, 2048, 1 << 20
"""Bytes that may be on their way: at first, and as few and as many as is found to suit the line."""
DELAY_SECONDS = 0.25
"""How much later than its soonest an answer may come before fewer bytes are sent ahead of it."""
QUESTION = "\x1b[?2026$p"
"""Asks the terminal whether it knows synchronised output, as Textual does at the start and hears the answers."""
LOST_SECONDS = 5.0
"""An answer that takes longer does not come."""
SYSTEMS = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT}


class Sequences(CompositorUpdate):
    """Control sequences and text that are sent as they are."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render_segments(self, console: Console) -> str:
        return self.text


class Output:
    """What the terminal shows, what it should show, and what of it is still on its way.

    On a local terminal a write that returns has arrived. Through an SSH connection it may wait in buffers that hold
    minutes of a slow line. So the terminal is asked how far it has come, if it is one that answers, and no more is
    sent ahead of its answers than the line takes in a moment.
    """

    def __init__(self) -> None:
        self._shown = Frame(0, 0)
        self._wanted = Frame(0, 0)
        self._sent = self._arrived = 0
        self._asked: int | None = None
        self._asked_at = 0.0
        self._terminal_answers = False
        self._window = WINDOW
        self._fastest = math.inf

    @property
    def complete(self) -> bool:
        """Whether everything is sent."""
        return self._shown.shows(self._wanted)

    def forget(self) -> None:
        """The terminal shows something else: send everything again."""
        self._shown = Frame(self._wanted.width, self._wanted.height)

    def paint(self, update: CompositorUpdate, size: Size, console: Console) -> None:
        """Take over an update of Textual's into what should be shown on a terminal of this size."""
        if (self._wanted.width, self._wanted.height) != size:
            self._wanted = Frame(*size)
            self.forget()
        system = SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        if isinstance(update, LayoutUpdate):
            for y, line in enumerate(update.strips, update.region.y):
                segments = (segment for strip in line for segment in strip)
                self._wanted.paint(update.region.x, y, segments, system)
        elif isinstance(update, ChopsUpdate):
            for y, first, end in update.spans:
                for strip_end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                    if strip is not None and x < end and first < strip_end:
                        self._wanted.paint(x, y, strip, system)

    def next(self, driver: Driver | None) -> str:
        """What to send now, as far as the line is free for it, and then counts as sent."""
        room = self._room(driver)
        if room <= 0:
            return self._question()
        text, self._shown = difference(self._shown, self._wanted, room)
        self._sent += len(text.encode())
        return text + self._question()

    def _room(self, driver: Driver | None) -> int:
        """Bytes that may be sent now: none while others wait to be written."""
        if self._asked is not None and monotonic() - self._asked_at > LOST_SECONDS:
            self._arrived, self._asked = self._sent, None
        queue = _queue(driver)
        if queue is not None and not queue.empty():
            return 0
        return self._window - (self._sent - self._arrived) if self._terminal_answers else sys.maxsize

    def _question(self) -> str:
        """What asks the terminal how far it has come, where that is not known and not asked already."""
        if not self._terminal_answers or self._asked is not None or self._sent == self._arrived:
            return ""
        self._asked, self._asked_at = self._sent, monotonic()
        return QUESTION

    def is_under_way(self, driver: Driver | None) -> bool:
        """Whether something that was written has not arrived, as far as can be known."""
        queue = _queue(driver)
        return (queue is not None and not queue.empty()) or (self._terminal_answers and self._sent > self._arrived)

    def answered(self) -> None:
        """The terminal has come as far as the question."""
        if self._asked is None:
            # it was Textual that asked, before anything was sent
            self._terminal_answers = True
        else:
            size, seconds = self._asked - self._arrived, monotonic() - self._asked_at
            self._arrived, self._asked = self._asked, None
            self._fastest = min(self._fastest, seconds)
            # what comes back as soon as ever has only met the distance; what takes longer, a line that is full
            late = seconds > self._fastest + DELAY_SECONDS
            window = size * DELAY_SECONDS / seconds if late else 2 * self._window
            self._window = round(min(max(window, LEAST_WINDOW), MOST_WINDOW))


def discard(driver: Driver | None) -> None:
    """Drop what was written but has not been sent, so that nobody who quits has to wait for it."""
    queue, terminal = _queue(driver), getattr(driver, "fileno", None)
    if queue is not None:
        with suppress(Empty):
            while True:
                queue.get_nowait()
    if isinstance(terminal, int) and os.isatty(terminal):
        import termios  # which is there wherever a driver knows its terminal by a number

        with suppress(termios.error):
            termios.tcflush(terminal, termios.TCOFLUSH)


def _queue(driver: Driver | None) -> Queue[str | None] | None:
    """What Textual's writer thread has not taken yet; None for a driver without one. It has no public name."""
    queue = getattr(getattr(driver, "_writer_thread", None), "_queue", None)
    return queue if isinstance(queue, Queue) else None

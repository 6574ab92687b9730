"""Frames for the terminal: only what differs from the last one, and only as many as the line can carry.

A frame that would have to wait is not sent; the next one includes what it would have shown. So after a pause the newest
state is on the screen, and a key is answered at once however much has happened in between.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from time import monotonic

from rich.color import ColorSystem

from tui_initflow.tui.terminal.cells import Row, difference, paint, unknown
from tui_initflow.tui.terminal.textual_private import Painted

WINDOW, LEAST_WINDOW, MOST_WINDOW = 4096, 2048, 1 << 20
"""Bytes that may be in flight: at first, and the limits of what is adapted to the line."""
DELAY_SECONDS = 0.25
"""How much later than the fastest an answer may come before fewer bytes are sent ahead of it."""
QUESTION = "\x1b[?2026$p"
"""Asks the terminal whether it supports synchronised output. Textual asks it at startup and reads the answers."""
LOST_SECONDS = 5.0
"""An answer that takes longer is lost."""
SYSTEMS = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT}


class Output:
    """What the terminal shows, what it should show, and how much is in flight.

    On a local terminal, a write that returns has arrived. Over SSH it may wait in buffers that hold minutes of a slow
    line. So a terminal that answers is asked how far it has come, and no more is sent ahead of its answers than the
    line carries in a moment.
    """

    def __init__(self) -> None:
        self._shown: list[Row] = []
        self._wanted: list[Row] = []
        self._size = 0, 0
        self._sent = self._arrived = 0
        self._asked: int | None = None
        self._asked_at = 0.0
        self._terminal_answers = False
        self._window = WINDOW
        self._fastest = math.inf

    @property
    def complete(self) -> bool:
        return self._shown == self._wanted

    def forget(self) -> None:
        """The terminal shows something unknown: send everything again."""
        self._shown = unknown(*self._size)

    def paint(self, painted: Iterable[Painted], size: tuple[int, int], color_system: str | None) -> None:
        """Draw into what a terminal of this size should show."""
        if self._size != size:
            self._size, self._wanted = size, unknown(*size)
            self.forget()
        system = SYSTEMS.get(color_system or "", ColorSystem.TRUECOLOR)
        for x, y, segments in painted:
            paint(self._wanted, x, y, segments, system)

    def next(self, writing: bool) -> str:
        """What to send now, which then counts as sent. Nothing while something waits to be written."""
        room = 0 if writing else self._room()
        if room <= 0:
            return self._question()
        text, self._shown = difference(self._shown, self._wanted, room)
        self._sent += len(text.encode())
        return text + self._question()

    def _room(self) -> int:
        """How many more bytes may be sent ahead of the terminal's answers."""
        if self._asked is not None and monotonic() - self._asked_at > LOST_SECONDS:
            self._arrived, self._asked = self._sent, None
        return self._window - (self._sent - self._arrived) if self._terminal_answers else sys.maxsize

    def _question(self) -> str:
        """Asks the terminal how far it has come, unless that is known or already asked."""
        if not self._terminal_answers or self._asked is not None or self._sent == self._arrived:
            return ""
        self._asked, self._asked_at = self._sent, monotonic()
        return QUESTION

    @property
    def is_awaited(self) -> bool:
        """Whether the terminal has yet to answer that everything has arrived."""
        return self._terminal_answers and self._sent > self._arrived

    def answered(self) -> None:
        """The terminal has read everything up to the question."""
        if self._asked is None:
            # the answer to Textual, which asked at startup
            self._terminal_answers = True
        else:
            size, seconds = self._asked - self._arrived, monotonic() - self._asked_at
            self._arrived, self._asked = self._asked, None
            self._fastest = min(self._fastest, seconds)
            # the fastest answer took as long as the distance requires; a later one waited on a full line
            late = seconds > self._fastest + DELAY_SECONDS
            window = size * DELAY_SECONDS / seconds if late else 2 * self._window
            self._window = round(min(max(window, LEAST_WINDOW), MOST_WINDOW))

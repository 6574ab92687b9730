"""Frames for the terminal: only what differs from the last one, and only as many as the line takes.

A frame that would have to wait is not sent. What it would have shown is sent with the next one, so that after a
pause the newest state is on the screen, and a key is answered at once however much has happened meanwhile.
"""

from __future__ import annotations

from contextlib import suppress
from queue import Empty, Queue
from time import monotonic

from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.driver import Driver
from textual.geometry import Size

from tui_initflow.ui.frame import Frame, difference

WINDOW = 4096
"""Bytes that may be on their way: half a second of a line of 8,000 bytes a second."""
QUERY = "\x1b[?2026$p"
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
    minutes of a slow line, so the terminal is asked how far it has come, if it is one that answers.
    """

    def __init__(self) -> None:
        self._shown = Frame(0, 0)
        self._wanted = Frame(0, 0)
        self._sent = self._arrived = 0
        self._asked: int | None = None
        self._asked_at = 0.0
        self._terminal_answers = False

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

    def difference(self) -> str:
        """What to send now, which counts as sent; empty where the terminal shows already what it should."""
        text = difference(self._shown, self._wanted)
        if text:
            self._shown = self._wanted.copy()
            text += self.question()
            self._sent += len(text.encode())
            if self._asked is not None and text.endswith(QUERY):
                self._asked = self._sent
        return text

    def question(self) -> str:
        """What asks the terminal how far it has come; empty where it was asked already or does not answer."""
        if not self._terminal_answers or self._asked is not None:
            return ""
        self._asked, self._asked_at = self._sent, monotonic()
        return QUERY

    def answered(self) -> None:
        """The terminal has come as far as the question."""
        if not self._terminal_answers:
            self._terminal_answers = True
            self._arrived = self._sent
        elif self._asked is not None:
            self._arrived, self._asked = self._asked, None

    def line_is_free(self, driver: Driver | None) -> bool:
        """Whether a frame would go out now rather than wait."""
        if self._asked is not None and monotonic() - self._asked_at > LOST_SECONDS:
            self._arrived, self._asked = self._sent, None
        waits = self._terminal_answers and self._sent - self._arrived >= WINDOW
        queue = _queue(driver)
        return not waits and (queue is None or queue.empty())


def discard(driver: Driver | None) -> None:
    """Drop what was written but has not been sent, so that nobody who quits has to wait for it."""
    queue, terminal = _queue(driver), getattr(driver, "fileno", None)
    if queue is not None:
        with suppress(Empty):
            while True:
                queue.get_nowait()
    if isinstance(terminal, int):
        with suppress(ImportError, OSError, ValueError):
            import termios

            termios.tcflush(terminal, termios.TCOFLUSH)


def _queue(driver: Driver | None) -> Queue[str | None] | None:
    """What Textual's writer thread has not taken yet; None for a driver without one. It has no public name."""
    queue = getattr(getattr(driver, "_writer_thread", None), "_queue", None)
    return queue if isinstance(queue, Queue) else None

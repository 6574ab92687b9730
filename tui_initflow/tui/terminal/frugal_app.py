"""An app for slow lines: one first paint, then only differences, and never more than the line can carry.

Every private name of Textual that the app uses is in this file. Where a release lacks one, the app runs on plain
Textual: it sends more and answers later on a slow line, and nothing else changes. There is no public way to see a frame
before it is sent, or to know whether the last one is out. Textual sends every refreshed region whole, and its driver
queues up to 30 frames before it blocks the app. At 120x40, a step of two live curves costs 16 kB that way although
1.5 kB of it differ, and starting costs 50 kB instead of 16; at 20 kB a second, `q` was answered after 12 seconds
instead of 0.3.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import ExitStack
from queue import Queue
from threading import Thread

from rich.console import Console, RenderableType
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen
from textual.timer import Timer

from tui_initflow.tui.terminal.flow import Output, Painted
from tui_initflow.tui.terminal.writer import Writer

try:
    from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
except ImportError:

    class CompositorUpdate:  # type: ignore[no-redef]
        """Nothing is an instance of it, so every frame is left to Textual."""

    ChopsUpdate = LayoutUpdate = CompositorUpdate  # type: ignore[misc, assignment]

RETRY_SECONDS = 0.05


def _assigns(of: type, *names: str) -> bool:
    """Whether the constructor assigns all these attributes."""
    code = getattr(of.__init__, "__code__", None)  # type: ignore[misc]
    return code is not None and set(names) <= set(code.co_names)


FRAMES_ARE_VISIBLE = (
    _assigns(LayoutUpdate, "strips", "region")
    and _assigns(ChopsUpdate, "chops", "spans", "chop_ends")
    and hasattr(CompositorUpdate, "render_segments")
    and _assigns(App, "_batch_count")
    and list(inspect.signature(getattr(App, "_display", print)).parameters) == ["self", "screen", "renderable"]
)


class FrugalApp(App[None]):
    """Puts `Output` between Textual's compositor, which sends every refreshed region whole, and its driver."""

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class)
        self._output = Output()
        self._retrying: Timer | None = None
        self._first_paint = ExitStack()
        self._leaving = False

    def on_load(self) -> None:
        # Textual paints four times while it starts; held back, the first screen is sent only once
        self._first_paint.enter_context(self.batch_update())

    def on_ready(self) -> None:
        self._first_paint.close()

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.action_redraw())

    def on_resize(self) -> None:
        # terminals keep what they can of the old screen, each in its own way
        self._output.forget()

    def action_redraw(self) -> None:
        """Send the whole screen again, over what something else has written there."""
        self._output.forget()
        self.screen.refresh()

    def on_terminal_supports_synchronized_output(self) -> None:
        self._output.answered()
        self._retry()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        visible = FRAMES_ARE_VISIBLE and not self.is_headless and self._batch_count == 0
        if visible and isinstance(renderable, LayoutUpdate | ChopsUpdate):
            self._output.paint(_painted(renderable), self.size, self.console.color_system)
            self._send()
            return
        super()._display(screen, renderable)
        if visible and isinstance(renderable, CompositorUpdate):
            # it cannot be read, so what it changed is unknown
            self._output.forget()

    def _send(self) -> None:
        """Send what the terminal does not show yet, as far as the line is free, and the rest later."""
        if self._leaving:
            return
        # nothing can be sent while a batch of changes is under way
        if self._batch_count == 0:
            writer = self._writer()
            text = self._output.next(writing=writer is not None and writer.has_work)
            if text:
                super()._display(self.screen, _Sequences(text))  # type: ignore[arg-type]
        if self._retrying is None and not self._output.complete:
            self._retrying = self.set_timer(RETRY_SECONDS, self._retry)

    def _retry(self) -> None:
        if self._retrying is not None:
            self._retrying.stop()
            self._retrying = None
            self._send()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        super().exit(result, return_code, message)
        self._leaving = True
        self._discard()

    def on_exit_app(self) -> None:
        # what was written since
        self._discard()

    def _discard(self) -> None:
        """Drop output that quitting would have to wait for; on a line that keeps up, everything arrives."""
        writer = self._writer()
        if writer is not None and (self._output.is_awaited or not writer.finishes()):
            writer.discard()

    def _writer(self) -> Writer | None:
        """The thread that writes to the terminal, None if there is not one."""
        thread = getattr(getattr(self, "_driver", None), "_writer_thread", None)
        queue = getattr(thread, "_queue", None)
        return Writer(thread, queue) if isinstance(thread, Thread) and isinstance(queue, Queue) else None


class _Sequences(CompositorUpdate):
    """Text and control sequences to be sent as they are."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render_segments(self, _console: Console) -> str:
        return self.text


def _painted(update: LayoutUpdate | ChopsUpdate) -> Iterator[Painted]:
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            yield update.region.x, y, (segment for strip in line for segment in strip)
        return
    for y, first, end in update.spans:
        for strip_end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < end and first < strip_end:
                yield x, y, strip

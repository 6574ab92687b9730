"""An app for slow lines: one first paint, then only differences, and never more than the line can carry."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterable
from contextlib import ExitStack

from rich.console import RenderableType
from textual import events
from textual.driver import Driver
from textual.timer import Timer

from tui_initflow.tui.terminal.flow import Output
from tui_initflow.tui.terminal.recording import Recording
from tui_initflow.tui.terminal.textual_private import FrameHook, Painted, line_of

RETRY_SECONDS = 0.05


class FrugalApp(FrameHook):
    """Puts `Output` between Textual's compositor, which sends every refreshed region whole, and its driver.

    `recording` gets what is sent.
    """

    def __init__(self, driver_class: type[Driver] | None = None, *, recording: Recording | None = None) -> None:
        super().__init__(driver_class)
        # Where a terminal does not tell its size, Rich takes it to have 25 lines and the driver 24, and Textual would
        # go from one to the other for ever.
        self.console.size = shutil.get_terminal_size()
        self._recording = recording
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

    def sent(self, text: str) -> None:
        if self._recording is not None:
            self._recording.sent(text)

    def input_lost(self) -> None:
        # as if its line had been hung up
        self.call_later(self.exit, None, 128 + getattr(signal, "SIGHUP", 1))

    def on_resize(self, event: events.Resize) -> None:
        if self._recording is not None:
            self._recording.resized((event.size.width, event.size.height))
        # terminals keep what they can of the old screen, each in its own way
        self._output.forget()

    def action_redraw(self) -> None:
        """Send the whole screen again, over what something else has written there."""
        self._output.forget()
        self.screen.refresh()

    def on_terminal_supports_synchronized_output(self) -> None:
        self._output.answered()
        self._retry()

    def take_frame(self, painted: Iterable[Painted]) -> None:
        self._output.paint(painted, self.size, self.console.color_system)
        self._send()

    def frame_bypassed(self) -> None:
        self._output.forget()

    def _send(self) -> None:
        """Send what the terminal does not show yet, as far as the line is free, and the rest later."""
        if self._leaving:
            return
        line = line_of(self)
        if not self.is_held_back:
            self.send(self._output.next(writing=line is not None and line.has_work))
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
        line = line_of(self)
        if line is not None and (self._output.is_awaited or not line.finishes()):
            line.discard()

"""An app at home on a slow line: one first paint, then only what differs, and nothing that the line cannot take."""

from __future__ import annotations

from contextlib import ExitStack
from typing import ClassVar, cast

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen
from textual.timer import Timer

from tui_initflow.tui.terminal.flow import Output, Sequences, discard

RETRY_SECONDS = 0.05


class FrugalApp(App[None]):
    """Puts `Output` between Textual's compositor, which sends every refreshed region whole, and its driver."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "redraw", "Redraw", id="redraw", show=False),
    ]

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class)
        self._output = Output()
        self._retrying: Timer | None = None
        self._first_paint = ExitStack()

    def on_load(self) -> None:
        # Textual paints four times while it starts; held back, the first screen is sent once
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
        if not isinstance(renderable, CompositorUpdate) or self.is_headless or self._batch_count:
            super()._display(screen, renderable)
        else:
            self._output.paint(renderable, self.size, self.console)
            self._send(screen)

    def _send(self, screen: Screen[object]) -> None:
        """Send what the terminal does not show yet; later, what the line is not free for."""
        if self._exit:
            return
        text = self._output.next(self._driver)
        super()._display(screen, cast("RenderableType", Sequences(text)) if text else None)
        if self._retrying is None and not self._output.complete:
            self._retrying = self.set_timer(RETRY_SECONDS, self._retry)

    def _retry(self) -> None:
        if self._retrying is not None:
            self._retrying.stop()
            self._retrying = None
            self._send(self.screen)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        super().exit(result, return_code, message)
        self._discard()

    def on_exit_app(self) -> None:
        # what was still being written then
        self._discard()

    def _discard(self) -> None:
        # only where somebody would wait: what is cut off may end in the middle of a sequence
        if self._output.is_under_way(self._driver):
            discard(self._driver)

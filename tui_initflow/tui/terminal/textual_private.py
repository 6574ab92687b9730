"""Every private name of Textual that the app uses. Where a release lacks one, the app runs on plain Textual.

Why private names at all: to send fewer bytes, which are what you wait for on a slow line. Textual sends every refreshed
region whole, and its driver queues up to 30 frames before it blocks the app. At 120x40, a step of two live curves costs
16 kB that way although 1.5 kB of it differ, and starting costs 50 kB instead of 16; at 20 kB a second, `q` was answered
after 12 seconds instead of 0.3. There is no public way to see a frame before it is sent, or to know whether the last
one is out. Without these names the app sends more and answers later on such a line; nothing else changes.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rich.console import Console, RenderableType
from rich.segment import Segment
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from tui_initflow.tui.terminal.line import KeyboardDecoder, Line

try:
    from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
except ImportError:

    class CompositorUpdate:  # type: ignore[no-redef]
        """Nothing is an instance of it, so every frame is left to Textual."""

    ChopsUpdate = LayoutUpdate = CompositorUpdate  # type: ignore[misc, assignment]

Painted = tuple[int, int, Iterable[Segment]]
"""Column, row, and the text from there on."""


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


ONLY_DRAGS = "\x1b[?1003l\x1b[?1002h"
"""Asks the terminal to report mouse movements only while a button is down."""
NO_DRAGS = "\x1b[?1002l"


def attentive(plain: type[Driver], sent: Callable[[str], None], lost: Callable[[], None]) -> type[Driver]:
    """The driver, telling `sent` what it sends, on a terminal that says nothing while the mouse only moves over it.

    Textual has every movement reported: some 11 bytes a cell up the line, and what is hovered over painted again. Input
    that is no text and no key is ignored; `lost` is called, in a thread, when there is nobody to read from any more.
    """
    module = sys.modules[plain.__module__]
    if hasattr(module, "getincrementaldecoder"):
        setattr(module, "getincrementaldecoder", lambda _encoding: KeyboardDecoder)  # noqa: B010

    class Attentive(plain):  # type: ignore[valid-type, misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            file = getattr(self, "_file", None)
            self.line = None if file is None else Line(file)

        def write(self, data: str) -> None:
            sent(data)
            if self.line is None:
                super().write(data)
            else:
                self.line.write(data)

        def close(self) -> None:
            if self.line is not None:
                self.line.finishes(None)
            super().close()

        def run_input_thread(self) -> None:
            while True:
                try:
                    super().run_input_thread()
                except (ValueError, ArithmeticError):
                    # a sequence that looks like a key or a size, but has impossible numbers; go on after it
                    continue
                except OSError:
                    lost()
                return

    class DragsOnly(Attentive):
        def _enable_mouse_support(self) -> None:
            super()._enable_mouse_support()
            if getattr(self, "_mouse", True):
                self.write(ONLY_DRAGS)

        def _disable_mouse_support(self) -> None:
            if getattr(self, "_mouse", True):
                self.write(NO_DRAGS)
            super()._disable_mouse_support()

    has_both = hasattr(plain, "_enable_mouse_support") and hasattr(plain, "_disable_mouse_support")
    return DragsOnly if has_both else Attentive


class FrameHook(App[None]):
    """An app that is given every frame instead of the terminal, where Textual lets it."""

    crash: Exception | None = None
    """The unexpected error that ends the app."""

    def _handle_exception(self, error: Exception) -> None:
        self.crash = self.crash or error
        super()._handle_exception(error)
        if not self.is_headless:
            getattr(self, "_exit_renderables", []).clear()

    def get_driver_class(self) -> type[Driver]:
        return attentive(super().get_driver_class(), self.sent, self.input_lost)

    def sent(self, text: str) -> None:
        """Text on its way to the terminal, whoever sends it."""
        raise NotImplementedError

    def input_lost(self) -> None:
        """The terminal is gone; called in a thread."""
        raise NotImplementedError

    def take_frame(self, painted: Iterable[Painted]) -> None:
        """What Textual would send now."""
        raise NotImplementedError

    def frame_bypassed(self) -> None:
        """Textual has sent something that this module cannot read."""
        raise NotImplementedError

    @property
    def is_held_back(self) -> bool:
        """Whether nothing can be sent, because a batch of changes is under way."""
        return self._batch_count > 0

    def send(self, text: str) -> None:
        """Send text and control sequences as they are."""
        if text:
            super()._display(self.screen, _Sequences(text))  # type: ignore[arg-type]

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        drawn = FRAMES_ARE_VISIBLE and not self.is_headless and not self.is_held_back
        if drawn and isinstance(renderable, LayoutUpdate | ChopsUpdate):
            self.take_frame(_painted(renderable))
            return
        super()._display(screen, renderable)
        if drawn and isinstance(renderable, CompositorUpdate):
            self.frame_bypassed()


class _Sequences(CompositorUpdate):
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


def line_of(app: App[Any]) -> Line | None:
    """The line to the terminal, None where Textual writes to it."""
    return getattr(getattr(app, "_driver", None), "line", None)

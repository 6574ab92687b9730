"""The lines that are pressed or clicked: the run buttons with the status, the tabs of panes, the keys at the bottom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button

from tui_initflow.model.experiment import SETTINGS
from tui_initflow.pages.chrome import Link, key_links, keys_bar, message, progress, refusal
from tui_initflow.tui.actions import Group, bar
from tui_initflow.tui.widgets.number_field import NumberField
from tui_initflow.tui.widgets.picture_view import Painter, PictureView


class ActionsBar(Horizontal):
    """Run once, run many, stop, the number of runs, and the line that says what is being computed and how far it is.

    A button's name is the action that pressing it runs.
    """

    def __init__(self, runs: int, *, id: str) -> None:
        super().__init__(id=id)
        self._runs = runs
        self._many = Button(f"Run {runs}x", id="run-many", name="run_many", compact=True)
        self._stop = Button("Stop", id="stop", name="stop", compact=True, disabled=True)
        self._status = PictureView(partial(message, ""), id="status")
        self._shows_progress = False

    def compose(self) -> ComposeResult:
        yield Button("Run 1x", id="run-once", name="run_once", compact=True)
        yield self._many
        yield self._stop
        yield NumberField(SETTINGS["runs"], self._runs, id="field-runs")
        yield self._status

    def set_runs(self, runs: int) -> None:
        self._many.label = f"Run {runs}x"

    def set_busy(self, busy: bool) -> None:
        self._stop.disabled = not busy

    def say(self, text: str) -> None:
        self._shows_progress = False
        self._status.show(partial(message, text))

    def refuse(self, text: str) -> None:
        self._shows_progress = False
        self._status.show(partial(refusal, text))

    def progress(self, text: str, fraction: float) -> None:
        self._shows_progress = True
        self._status.show(partial(progress, text, fraction))

    def end_progress(self) -> None:
        """Clear a progress bar; a message stays."""
        if self._shows_progress:
            self.say("")


class LinkBar(PictureView):
    """A line whose parts can be clicked, each of which runs an action: the keys at the bottom, and the tabs of panes.

    Textual's own Footer is rebuilt at every change of focus and has the whole screen laid out again; over a slow line
    that costs more than everything else.
    """

    DEFAULT_CSS = """
    LinkBar {
        height: 1;
        overflow: hidden hidden;
    }
    """

    def __init__(self, links: Sequence[Link], painter: Painter, *, id: str) -> None:
        super().__init__(painter, id=id)
        self._links = links

    def offer(self, links: Sequence[Link], painter: Painter) -> None:
        """Other links from now on."""
        self._links = links
        self.show(painter)

    async def on_click(self, event: events.Click) -> None:
        x = 0
        for text, action in self._links:
            if x <= event.x < x + len(text):
                await self.screen.run_action(action)
            x += len(text)


def keys_of(groups: Iterable[Group]) -> LinkBar:
    """The bar at the bottom of a screen with these actions."""
    keys = bar(groups)
    return LinkBar(key_links(keys), partial(keys_bar, keys), id="keys")

"""The row of pane names; a click or a number key chooses one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from textual import events
from textual.message import Message

from tui_initflow.charts.cells import Picture, Run, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.pages.rows import fit
from tui_initflow.tui.regions import PANES
from tui_initflow.tui.widgets.picture_view import PictureView

TITLES = {
    "gradient": "Gradient",
    "layers": "Layers",
    "preactivations": "Pre-activations",
    "runs": "Runs",
    "sweeps": "Sweeps",
    "why": "Why",
}


def tabs(panes: tuple[str, ...], active: str, width: int, _height: int, palette: Palette) -> Picture:
    row: list[Run] = []
    for text, pane in _labels(panes):
        chosen = pane == active
        row.append(
            (text, Style(palette.background, palette.accent, bold=True))
            if chosen
            else (text, Style(palette.text, palette.surface))
        )
    return (fit(row, width, Style(None, palette.surface)),)


def _labels(panes: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f" {PANES.index(pane) + 1} {TITLES[pane]} ", pane) for pane in panes]


class PaneTabs(PictureView):
    """Shows which panes share the place below and which one is there."""

    @dataclass
    class Chosen(Message):
        pane: str

    def __init__(self, *, id: str) -> None:
        super().__init__(partial(tabs, PANES, PANES[0]), id=id)
        self._panes: tuple[str, ...] = PANES

    def offer(self, panes: tuple[str, ...], active: str) -> None:
        self._panes = panes
        self.show(partial(tabs, panes, active))

    def on_click(self, event: events.Click) -> None:
        x = 0
        for text, pane in _labels(self._panes):
            if x <= event.x < x + len(text):
                self.post_message(self.Chosen(pane))
            x += len(text)

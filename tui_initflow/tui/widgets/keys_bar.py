"""The bottom line: the keys that matter most, which can be clicked as well.

Textual's own Footer is built anew at every change of focus and has the whole screen laid out again; over a slow
line that costs more than everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import events

from tui_initflow.charts.cells import Picture, Run, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.pages.rows import fit
from tui_initflow.tui.widgets.picture_view import PictureView

Key = tuple[str, str, str]
"""The key as it is shown, what it does in a word, and the action a click runs."""


def keys(shown: Sequence[Key], width: int, _height: int, palette: Palette) -> Picture:
    row: list[Run] = []
    for key, word, _ in shown:
        row += [
            (f"{key} ", Style(palette.accent, palette.surface, bold=True)),
            (f"{word} ", Style(palette.text, palette.surface)),
        ]
    return (fit(row, width, Style(None, palette.surface)),)


class KeysBar(PictureView):
    """Docked at the bottom."""

    DEFAULT_CSS = """
    KeysBar {
        dock: bottom;
        height: 1;
        overflow: hidden hidden;
    }
    """

    def __init__(self, shown: Sequence[Key]) -> None:
        super().__init__(partial(keys, shown), id="keys")
        self._shown = shown

    async def on_click(self, event: events.Click) -> None:
        x = 0
        for key, word, action in self._shown:
            end = x + len(key) + len(word) + 2
            if x <= event.x < end:
                await self.screen.run_action(action)
            x = end

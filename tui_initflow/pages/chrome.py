"""The lines around the panes: status, progress, and bars of links."""

from __future__ import annotations

from collections.abc import Sequence

from tui_initflow.charts.cells import PLAIN, Picture, Row, Run, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.pages.rows import cells, fit, level

PROGRESS_WIDTH = 16

Link = tuple[str, str]
"""A text and the action it runs."""


def message(text: str, width: int, _height: int, palette: Palette) -> Picture:
    return (fit([(f" {text}", Style(palette.muted))], width),)


def refusal(text: str, width: int, _height: int, palette: Palette) -> Picture:
    return (fit([(f" ✗ {text}", Style(palette.bad, bold=True))], width),)


def progress(text: str, fraction: float, width: int, _height: int, palette: Palette) -> Picture:
    room = min(PROGRESS_WIDTH, max(4, width - cells(text) - 4))
    bar = (level(fraction, room), Style(palette.accent, palette.surface))
    return (fit([(" ", PLAIN), bar, (f" {text}", Style(palette.text))], width),)


def keys_bar(keys: Sequence[tuple[str, str, str]], width: int, _height: int, palette: Palette) -> Picture:
    """Keys, each with a word that says what it does."""
    runs: list[Run] = []
    for key, word, _ in keys:
        runs += [
            (f"{key} ", Style(palette.accent, palette.surface, bold=True)),
            (f"{word} ", Style(palette.text, palette.surface)),
        ]
    return (_bar(runs, width, palette),)


def key_links(keys: Sequence[tuple[str, str, str]]) -> list[Link]:
    """The parts of the keys' bar that can be clicked."""
    return [(f"{key} {word} ", action) for key, word, action in keys]


def tabs(links: Sequence[Link], active: str, width: int, _height: int, palette: Palette) -> Picture:
    """The names of the panes; the active one is marked."""
    chosen = Style(palette.background, palette.accent, bold=True)
    plain = Style(palette.text, palette.surface)
    return (_bar([(text, chosen if action == active else plain) for text, action in links], width, palette),)


def _bar(runs: Sequence[Run], width: int, palette: Palette) -> Row:
    return fit(runs, width, Style(bg=palette.surface))

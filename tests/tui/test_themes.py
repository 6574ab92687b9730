"""Themes: each has a name that files keep, and the one for high contrast keeps its promise."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
from textual.screen import Screen
from textual.theme import BUILTIN_THEMES

from tests.tui.conftest import SMALL, Opener
from tui_initflow.charts.palette import contrast
from tui_initflow.storage.config import Theme
from tui_initflow.tui.app import InitflowApp
from tui_initflow.tui.themes import THEMES, after, name_of

LEAST = 7.0
"""WCAG AAA."""


def test_every_theme_has_a_name_and_the_key_goes_round() -> None:
    assert tuple(THEMES) == get_args(Theme)
    assert all(after(before) == following for before, following in pairwise([*get_args(Theme), "dark"]))
    for name in get_args(Theme):
        app = InitflowApp(SMALL, name)
        assert name_of(app.current_theme) == name
    assert name_of(BUILTIN_THEMES["nord"]) == "dark"
    assert name_of(BUILTIN_THEMES["solarized-light"]) == "light"


def words_by_colours(screen: Screen[object]) -> dict[tuple[str, str], str]:
    """The words of each pair of colours on a screen, text first."""
    words: dict[tuple[str, str], str] = {}
    for text, style, _ in (segment for strip in screen._compositor.render_strips() for segment in strip):
        shown = "".join(character for character in text if character.isalnum() and character.isascii())
        if shown and style is not None and style.color is not None and style.bgcolor is not None:
            pair = style.color.get_truecolor().hex, style.bgcolor.get_truecolor(foreground=False).hex
            words[pair[::-1] if style.reverse else pair] = shown
    return words


@pytest.mark.slow
@pytest.mark.asyncio
async def test_all_text_has_high_contrast(opened: Opener) -> None:
    async with opened(theme="contrast", size=(120, 40)) as driver:
        for keys in (["R"], ["t", "6"], ["2"], ["3"], ["4"], ["question_mark"], ["escape", "n"], ["escape", "a"]):
            await driver.press(*keys)
            words = words_by_colours(driver.app.screen)
            # a dialogue has two at least, with or without what is behind it
            assert len(words) >= 2
            low = {text: pair for pair, text in words.items() if contrast(*pair) < LEAST}
            # what cannot be pressed now looks so
            assert set(low) <= {"Stop"}, keys

"""Pictures as text: plain, or with escape sequences for a terminal's colours."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import product

from tui_initflow.charts.cells import LOWER_SHADE, UPPER_SHADE, Picture, Run, Style
from tui_initflow.charts.palette import Palette, channels

Encoding = Callable[[str], str]
"""A colour "#rrggbb" as the parameters of an escape sequence, after the 38 or 48 that selects text or background."""

_LEVELS = (0, 95, 135, 175, 215, 255)
"""Of each channel in the colour cube of 256 colours, which begins at colour 16; 24 greys follow it."""
_LEAST_CHROMA = 24
"""Difference between the largest and the smallest channel from which a colour counts as having a hue."""


def to_text(picture: Picture) -> str:
    """The characters alone, one line per row, without blanks at line ends."""
    return "\n".join("".join(text for text, _ in row).rstrip() for row in picture)


def to_plain(picture: Picture, palette: Palette) -> str:
    """As text without colours: bands are shaded with a character, except behind other characters."""
    bands = {palette.band_a, palette.band_b, palette.overlap}
    behind = dict.fromkeys(map(ord, (" ", palette.glyphs.grid, UPPER_SHADE, LOWER_SHADE)), palette.glyphs.shade)

    def shaded(run: Run) -> Run:
        text, style = run
        # half a cell of a band has its colour in front; another band may be behind
        half = text[0] in (UPPER_SHADE, LOWER_SHADE) and style.fg in bands
        return (text.translate(behind), style) if half or style.bg in bands else run

    return to_text(tuple(tuple(map(shaded, row)) for row in picture))


def to_ansi(picture: Picture, encoding: Encoding, background: str) -> str:
    """With colours, one line per row; `background` where the picture has none."""
    return "\n".join(
        "".join(f"{_sgr(style, encoding, background)}{text}" for text, style in row) + "\x1b[0m" for row in picture
    )


def true_colour(colour: str) -> str:
    return "2;" + ";".join(map(str, channels(colour)))


def one_of_256(colour: str) -> str:
    return f"5;{nearest_of_256(channels(colour))}"


@lru_cache(maxsize=256)
def nearest_of_256(wanted: tuple[int, int, int]) -> int:
    """The nearest of the 240 colours that every terminal with 256 colours shows alike.

    A colour with a hue keeps it: the nearest colour to a dark band would be a grey, the same one for both methods.
    """
    offered = _HUES if max(wanted) - min(wanted) > _LEAST_CHROMA else _ALL
    return min(offered, key=lambda index: math.dist(wanted, offered[index]))


def _sgr(style: Style, encoding: Encoding, background: str) -> str:
    codes = ["0"]
    if style.bold:
        codes.append("1")
    if style.fg is not None:
        codes.append(f"38;{encoding(style.fg)}")
    codes.append(f"48;{encoding(style.bg or background)}")
    return f"\x1b[{';'.join(codes)}m"


_CUBE = dict(enumerate(product(_LEVELS, repeat=3), start=16))
_GREYS = {232 + step: (8 + 10 * step,) * 3 for step in range(24)}
_HUES = {index: colour for index, colour in _CUBE.items() if len(set(colour)) > 1}
_ALL = _CUBE | _GREYS

"""Pictures for a terminal: lines of characters with escape sequences for their colours."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from tui_initflow.charts.cells import Picture, Style

Encoding = Callable[[str], str]
"""A colour "#rrggbb" as the parameters of an escape sequence, after the 38 or 48 that say what it colours."""

_LEVELS = (0, 95, 135, 175, 215, 255)
"""Of each channel in the colour cube of 256 colours, which begins at colour 16; 24 greys follow it."""
_LEAST_CHROMA = 24
"""Difference of the largest and the smallest channel from which a colour counts as having a hue."""


def true_colour(colour: str) -> str:
    return "2;" + ";".join(map(str, _channels(colour)))


@lru_cache(maxsize=64)
def one_of_256(colour: str) -> str:
    """The nearest of the 240 colours that every terminal with 256 colours shows alike.

    What has a hue keeps one: the nearest colour of a dark band would be a grey, the same for both methods.
    """
    wanted = _channels(colour)
    offered = _HUES if max(wanted) - min(wanted) > _LEAST_CHROMA else _ALL
    return f"5;{min(offered, key=lambda index: _distance(wanted, offered[index]))}"


def to_ansi(picture: Picture, encoding: Encoding, background: str) -> str:
    """One line a row; where the picture leaves what is behind, `background` is."""
    return "\n".join(
        "".join(f"{_sgr(style, encoding, background)}{text}" for text, style in row) + "\x1b[0m" for row in picture
    )


def _sgr(style: Style, encoding: Encoding, background: str) -> str:
    codes = ["0"]
    if style.bold:
        codes.append("1")
    if style.dim:
        codes.append("2")
    if style.fg is not None:
        codes.append(f"38;{encoding(style.fg)}")
    codes.append(f"48;{encoding(style.bg or background)}")
    return f"\x1b[{';'.join(codes)}m"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _distance(first: tuple[int, int, int], second: tuple[int, int, int]) -> int:
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True))


_CUBE = {
    16 + 36 * r + 6 * g + b: (_LEVELS[r], _LEVELS[g], _LEVELS[b]) for r in range(6) for g in range(6) for b in range(6)
}
_GREYS = {232 + step: (8 + 10 * step,) * 3 for step in range(24)}
_HUES = {index: channels for index, channels in _CUBE.items() if len(set(channels)) > 1}
_ALL = _CUBE | _GREYS

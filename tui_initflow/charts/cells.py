"""Pictures made of character cells, and the canvas they are put together on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from tui_initflow.charts.palette import Palette, channels


class Style(NamedTuple):
    """How a run of cells looks; colours are "#rrggbb", None leaves what is behind."""

    fg: str | None = None
    bg: str | None = None
    bold: bool = False


Run = tuple[str, Style]
Row = tuple[Run, ...]
Picture = tuple[Row, ...]
"""What charts and pages are drawn into, and what every output is made from."""

PLAIN = Style()

UPPER_SHADE, LOWER_SHADE = "▀", "▄"
"""Half a cell of a band; in the colour of a band they mean nothing else."""


class Canvas:
    """`height` rows of `width` cells; what falls outside is dropped."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._chars = [[" "] * width for _ in range(height)]
        self._styles = [[PLAIN] * width for _ in range(height)]

    def put(self, column: int, row: int, char: str, style: Style) -> None:
        """Set a cell; a style without background keeps the background of the cell."""
        if 0 <= column < self.width and 0 <= row < self.height:
            if style.bg is None:
                behind = self._styles[row][column].bg
                if behind is not None:
                    style = style._replace(bg=behind)
            self._chars[row][column] = char
            self._styles[row][column] = style

    def shade(self, column: int, row: int, background: str | None) -> None:
        """Set the background of a cell and keep its character."""
        if 0 <= column < self.width and 0 <= row < self.height:
            self._styles[row][column] = self._styles[row][column]._replace(bg=background)

    def text(self, column: int, row: int, text: str, style: Style) -> None:
        for offset, char in enumerate(text):
            self.put(column + offset, row, char, style)

    def paste(self, column: int, row: int, picture: Picture, characters: Mapping[int, str]) -> None:
        """Put a picture over what is there, blanks too; `characters` translates its characters.

        The picture must fit.
        """
        for y, line in enumerate(picture, row):
            x = column
            for text, style in line:
                end = x + len(text)
                self._chars[y][x:end] = text.translate(characters)
                self._styles[y][x:end] = [style] * len(text)
                x = end

    def overlay(self, column: int, row: int, picture: Picture, solid: str) -> None:
        """Put a picture over what is there, except for its blanks; the colour of `solid` characters stays behind it."""
        for y, line in enumerate(picture, row):
            x = column
            for text, style in line:
                for char in text:
                    if char != " ":
                        behind = self._styles[y][x].fg if self._chars[y][x] in solid else None
                        self.put(x, y, char, style._replace(bg=behind))
                    x += 1

    def replace(self, colour: str, before: str, after: str, style: Style) -> None:
        """Replace a character, where it is drawn in a colour, by another one in a style."""
        for chars, styles in zip(self._chars, self._styles, strict=True):
            for column, char in enumerate(chars):
                if char == before and styles[column].fg == colour:
                    chars[column], styles[column] = after, style

    def recolour(self, row: int, before: str, after: str) -> None:
        """Give what has one colour in a row another one."""
        styles = self._styles[row]
        self._styles[row] = [style._replace(fg=after) if style.fg == before else style for style in styles]

    def char_at(self, column: int, row: int) -> str:
        return self._chars[row][column]

    def picture(self) -> Picture:
        return tuple(_merged(chars, styles) for chars, styles in zip(self._chars, self._styles, strict=True))


def _merged(chars: list[str], styles: list[Style]) -> Row:
    """One row with neighbours of the same style joined."""
    runs = []
    start = 0
    width = len(chars)
    for column in range(1, width + 1):
        if column == width or (styles[column] is not styles[start] and styles[column] != styles[start]):
            runs.append(("".join(chars[start:column]), styles[start]))
            start = column
    return tuple(runs)


Encoding = Callable[[str], str]
"""A colour "#rrggbb" as the parameters of an escape sequence, after the 38 or 48 that selects text or background."""

_LEVELS = (0, 95, 135, 175, 215, 255)
"""Levels of each channel in the colour cube of 256 colours, which begins at colour 16; 24 greys follow it."""
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

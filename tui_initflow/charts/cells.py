"""Pictures made of character cells, and the canvas they are put together on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


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

"""A grid of cells to draw on, clipped at its edges, that becomes a picture."""

from __future__ import annotations

from tui_initflow.charts.cells import PLAIN, Picture, Row, Style


class Canvas:
    """`height` rows of `width` cells; what falls outside is dropped."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._chars = [[" "] * width for _ in range(height)]
        self._styles = [[PLAIN] * width for _ in range(height)]

    def put(self, column: int, row: int, char: str, style: Style) -> None:
        """Set a cell; a style without background keeps the background that is there."""
        if 0 <= column < self.width and 0 <= row < self.height:
            if style.bg is None:
                behind = self._styles[row][column].bg
                if behind is not None:
                    style = Style(style.fg, behind, style.bold, style.dim)
            self._chars[row][column] = char
            self._styles[row][column] = style

    def shade(self, column: int, row: int, background: str | None) -> None:
        """Colour what is behind a cell, its character stays."""
        if 0 <= column < self.width and 0 <= row < self.height:
            style = self._styles[row][column]
            self._styles[row][column] = Style(style.fg, background, style.bold, style.dim)

    def text(self, column: int, row: int, text: str, style: Style) -> None:
        for offset, char in enumerate(text):
            self.put(column + offset, row, char, style)

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

"""Pictures made of character cells: what charts are drawn into and what every output is made from."""

from __future__ import annotations

from typing import NamedTuple


class Style(NamedTuple):
    """How a run of cells looks; colours are "#rrggbb", None leaves what is behind."""

    fg: str | None
    bg: str | None
    bold: bool = False
    dim: bool = False


Run = tuple[str, Style]
Row = tuple[Run, ...]
Picture = tuple[Row, ...]

PLAIN = Style(None, None)

UPPER_SHADE, LOWER_SHADE = "▀", "▄"
"""Half a cell of background colour: charts use them for nothing else, so plain text leaves them out."""

_WITHOUT_SHADE = str.maketrans(UPPER_SHADE + LOWER_SHADE, "  ")


def to_text(picture: Picture) -> str:
    """The characters alone without shade, one line a row, blanks at line ends dropped."""
    lines = ("".join(text for text, _ in row).translate(_WITHOUT_SHADE).rstrip() for row in picture)
    return "\n".join(lines)

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


def to_ansi(picture: Picture, colour: bool) -> str:
    """The picture for a terminal, with 24-bit colours or, without `colour`, as plain text."""
    if not colour:
        return to_text(picture)
    return "\n".join("".join(f"{_sgr(style)}{text}" for text, style in row) + "\x1b[0m" for row in picture)


def _sgr(style: Style) -> str:
    codes = ["0"]
    if style.bold:
        codes.append("1")
    if style.dim:
        codes.append("2")
    if style.fg is not None:
        codes.append(f"38;2;{_rgb(style.fg)}")
    if style.bg is not None:
        codes.append(f"48;2;{_rgb(style.bg)}")
    return f"\x1b[{';'.join(codes)}m"


def _rgb(colour: str) -> str:
    return f"{int(colour[1:3], 16)};{int(colour[3:5], 16)};{int(colour[5:7], 16)}"

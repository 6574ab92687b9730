"""Rows of styled text that fill an exact width: the bricks every page is built from."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from tui_initflow.charts.cells import Picture, Row, Run, Style

PLAIN = Style(None, None)


def cells(text: str) -> int:
    """Columns that a terminal needs for the text: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def width_of(runs: Iterable[Run]) -> int:
    return sum(cells(text) for text, _ in runs)


def fit(runs: Sequence[Run], width: int, fill: Style = PLAIN) -> Row:
    """The runs cut or padded on the right to exactly `width` cells; an ellipsis shows what was cut."""
    row: list[Run] = []
    room = width
    for text, style in runs:
        if cells(text) > room:
            text = _shortened(text, room)
        if text:
            row.append((text, style))
        room -= cells(text)
    if room:
        row.append((" " * room, fill))
    return tuple(row)


def _shortened(text: str, room: int) -> str:
    """The text with an ellipsis in at most `room` cells, which it does not fit into."""
    if room < 1:
        return ""
    kept = ""
    for character in text:
        if cells(kept + character) >= room:
            break
        kept += character
    return f"{kept}…"


def centre(runs: Sequence[Run], width: int, fill: Style = PLAIN) -> Row:
    spare = max(0, width - width_of(runs))
    return fit([(" " * (spare // 2), fill), *runs], width, fill)


def spread(left: Sequence[Run], right: Sequence[Run], width: int, fill: Style = PLAIN) -> Row:
    """`left` at the left edge and `right` at the right edge, which is left out where both do not fit."""
    spare = width - width_of(left) - width_of(right)
    if spare < 1:
        return fit(left, width, fill)
    return fit([*left, (" " * spare, fill), *right], width, fill)


def paragraph(text: str, width: int, style: Style = PLAIN, hanging: str = "") -> Picture:
    """`text` wrapped at `width`; the first line starts with `hanging`, the others are indented as far."""
    lines = textwrap.wrap(text, max(width, 1), initial_indent=hanging, subsequent_indent=" " * len(hanging)) or [""]
    return tuple(fit([(line, style)], width) for line in lines)


def blank(width: int, height: int = 1) -> Picture:
    return (fit((), width),) * max(height, 0)


def beside(left: Picture, right: Picture, left_width: int, right_width: int, gutter: int) -> Picture:
    """Two pictures next to each other, the shorter one padded below."""
    gap: Run = (" " * gutter, PLAIN)
    return tuple(
        (*(a or fit((), left_width)), gap, *(b or fit((), right_width)))
        for a, b in zip_longest(left, right, fillvalue=())
    )


def level(share: float, width: int) -> str:
    """A horizontal bar that fills `share` of `width` cells, in eighths of a cell."""
    full, rest = divmod(round(min(max(share, 0.0), 1.0) * width * 8), 8)
    return ("█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")).ljust(width)

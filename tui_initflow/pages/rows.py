"""Rows of styled text that fill an exact width: the bricks every text view is built from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from tui_initflow.charts.cells import Picture, Row, Run, Style

PLAIN = Style(None, None)


def width_of(runs: Iterable[Run]) -> int:
    return sum(len(text) for text, _ in runs)


def fit(runs: Sequence[Run], width: int, fill: Style = PLAIN) -> Row:
    """The runs cut or padded on the right to exactly `width` cells; what was cut shows as an ellipsis."""
    row: list[Run] = []
    room = width
    for text, style in runs:
        if len(text) > room:
            text = text[: room - 1] + "…" if room else ""
        if text:
            row.append((text, style))
        room -= len(text)
    if room:
        row.append((" " * room, fill))
    return tuple(row)


def centre(runs: Sequence[Run], width: int, fill: Style = PLAIN) -> Row:
    spare = max(0, width - width_of(runs))
    return fit([(" " * (spare // 2), fill), *runs], width, fill)


def spread(left: Sequence[Run], right: Sequence[Run], width: int, fill: Style = PLAIN) -> Row:
    """`left` at the left edge and `right` at the right edge; the right one goes where both do not fit."""
    spare = width - width_of(left) - width_of(right)
    if spare < 1:
        return fit(left, width, fill)
    return fit([*left, (" " * spare, fill), *right], width, fill)


def paragraph(text: str, width: int, style: Style = PLAIN, hanging: str = "") -> Picture:
    """`text` wrapped at `width`, further lines indented as wide as `hanging`, which starts the first one."""
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

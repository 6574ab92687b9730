"""Rows of styled text that fill an exact width: what every page is built from."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise, zip_longest

from tui_initflow.charts.cells import PLAIN, Picture, Row, Run, Style

_UNSTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff]"
)
"""Joiners, variation selectors, skin tones and controls: terminals disagree on how wide a text with these is."""


def cells(text: str) -> int:
    """Columns that a terminal needs for the text: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Mc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def width_of(runs: Iterable[Run]) -> int:
    return sum(cells(text) for text, _ in runs)


def fit(runs: Sequence[Run], width: int, fill: Style = PLAIN) -> Row:
    """The runs cut or padded on the right to exactly `width` cells; an ellipsis shows what was cut.

    Characters that some terminals draw and others merge with their neighbours are left out, so that the row has the
    same width in all of them.
    """
    row: list[Run] = []
    room = width
    for text, style in runs:
        text = _cut(text if text.isascii() and text.isprintable() else _UNSTABLE.sub("", text), room)
        if text:
            row.append((text, style))
        room -= cells(text)
    if room:
        row.append((" " * room, fill))
    return tuple(row)


def _cut(text: str, room: int) -> str:
    """The text in at most `room` cells; an ellipsis takes the place of what does not fit."""
    if cells(text) <= room:
        return text
    used = 0
    for end, character in enumerate(text):
        used += _cells_of(character)
        if used >= room:
            return f"{text[:end]}…" if room else ""
    return text


def shortened(name: str, width: int) -> str:
    """A name in at most `width` cells, with what tells it from others: encoder.layers.3.fc1 as e.l.3.fc1, or …3.fc1.

    Parts before dots are abbreviated from the first one on, but for numbers; what is still too long is cut there.
    """
    *parts, last = name.split(".")
    for at, part in enumerate(parts):
        if cells(".".join((*parts, last))) <= width:
            break
        parts[at] = part if part.isdigit() else part[:1]
    return _cut(".".join((*parts, last))[::-1], width)[::-1]


def centre(runs: Sequence[Run], width: int, fill: Style = PLAIN) -> Row:
    spare = max(0, width - width_of(runs))
    return fit([(" " * (spare // 2), fill), *runs], width, fill)


def spread(left: Sequence[Run], right: Sequence[Run], width: int, fill: Style = PLAIN) -> Row:
    """`left` at the left edge and, if both fit, `right` at the right edge."""
    spare = width - width_of(left) - width_of(right)
    if spare < 1:
        return fit(left, width, fill)
    return fit([*left, (" " * spare, fill), *right], width, fill)


def paragraph(text: str, width: int, style: Style = PLAIN, hanging: str = "") -> Picture:
    """`text` wrapped at `width`; the first line starts with `hanging`, the others are indented as far."""
    wrapper = textwrap.TextWrapper(
        max(width, 1), initial_indent=hanging, subsequent_indent=" " * len(hanging), break_on_hyphens=False
    )
    return tuple(fit([(line, style)], width) for line in wrapper.wrap(text) or [""])


def blank(width: int, height: int = 1) -> Picture:
    return (fit((), width),) * max(height, 0)


def beside(pictures: Sequence[Picture], widths: Sequence[int], gutter: int) -> Picture:
    """Pictures next to each other, the shorter ones padded below."""
    gap: Run = (" " * gutter, PLAIN)
    rows: list[Row] = []
    for parts in zip_longest(*pictures, fillvalue=()):
        padded = (part or fit((), width) for part, width in zip(parts, widths, strict=True))
        rows.append(tuple(run for part in padded for run in (*part, gap))[:-1])
    return tuple(rows)


def columns_of(width: int, count: int) -> list[int]:
    """Widths of `count` columns that fill the width with a gutter of one cell between them."""
    edges = [round(i * (width + 1) / count) for i in range(count + 1)]
    return [right - left - 1 for left, right in pairwise(edges)]


def level(share: float, width: int) -> str:
    """A horizontal bar that fills `share` of `width` cells, in eighths of a cell; nan fills nothing."""
    full, rest = divmod(round(min(max(0.0, share), 1.0) * width * 8), 8)
    return ("█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")).ljust(width)

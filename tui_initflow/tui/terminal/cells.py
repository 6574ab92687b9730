"""What the terminal shows, cell by cell, and a short text that turns it into what it should show.

Textual sends a whole region when anything in it was refreshed; at a change of pane, or when a dialogue closes, that is
the whole screen. On a slow line you wait for the bytes, so only cells that differ are sent, and of their styles only
what differs from the cell before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style

from tui_initflow.charts.cells import nearest_of_256


class Pen(NamedTuple):
    """SGR codes of the attributes, the foreground and the background; None where any would look the same."""

    attributes: str | None
    foreground: str | None
    background: str


Cell = tuple[str, Pen | None]
"""A character and its pen; "" in the further cells of a wide character. The pen is None where it is unknown."""
Row = list[Cell]

PLAIN = Pen("", "39", "49")
RESET = "\x1b[0m"
UNKNOWN: Cell = ("?", None)
INVISIBLE_ON_A_BLANK = frozenset("123")
"""Bold, dim and italic."""
LONGEST_GAP = 4
"""So many unchanged cells between changed ones are cheaper to send again than to jump over."""


def unknown(width: int, height: int) -> list[Row]:
    """The rows of a screen that may show anything."""
    return [[UNKNOWN] * width for _ in range(height)]


def paint(rows: list[Row], x: int, y: int, segments: Iterable[Segment], system: ColorSystem) -> None:
    """Draw text into row `y` from column `x` on, cut off at the edges."""
    if not 0 <= y < len(rows):
        return
    # screens share rows, so a row is replaced and never changed
    row = rows[y] = list(rows[y])
    room = max(len(row) - x, 0)
    cells = [cell for segment in segments for cell in _cells(segment, system)]
    _cut(cells, room)
    cells = cells[:room]
    for end in (x, x + len(cells)):
        _cut(row, end)
    row[x : x + len(cells)] = cells


def _cut(row: Row, x: int) -> None:
    """Put blanks in the place of a wide character that a cut before column `x` would halve."""
    if x < len(row) and row[x][0] == "":
        first, last = _character(row, x)
        row[first:last] = [(" ", pen and _on_a_blank(pen)) for _, pen in row[first:last]]


def difference(old: list[Row], new: list[Row], room: int = sys.maxsize) -> tuple[str, list[Row]]:
    """What to send to a terminal that shows `old` so that it shows `new`, of the same size, and what it shows then.

    Rows that exceed `room`, in bytes, are left for later. The pen is plain before and after. The text is empty where
    nothing differs.
    """
    result = list(old)
    sent: list[str] = []
    size = 0
    pen = PLAIN
    for y, (before, after) in enumerate(zip(old, new, strict=True)):
        if before is after:
            continue
        if size >= room:
            break
        x = None
        first = len(sent)
        for start, end in _changed(before, after):
            sent.append(f"\x1b[{y + 1};{start + 1}H" if x is None else f"\x1b[{start - x}C")
            for text, wanted in after[start:end]:
                if wanted is not None and wanted != pen:
                    codes, pen = _change(pen, wanted)
                    sent.append(codes)
                sent.append(text)
            x = end
        size += len("".join(sent[first:]).encode())
        result[y] = after
    if sent:
        sent.append(RESET)
    return "".join(sent), result


def _changed(before: Row, after: Row) -> Iterator[tuple[int, int]]:
    """Spans of cells to send: those that differ, joined where the gap is short and needs no other pen."""
    start = end = -1
    for x, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new or x < end:
            continue
        first, last = _character(after, x)
        gap = after[end:first]
        if end < 0:
            start = first
        elif len(gap) > LONGEST_GAP or any(pen != after[end - 1][1] for _, pen in gap):
            yield start, end
            start = first
        end = last
    if end >= 0:
        yield start, end


def _character(row: Row, x: int) -> tuple[int, int]:
    """The span of the character at `x`: more than one cell if it is wide."""
    first, last = x, x + 1
    while first > 0 and row[first][0] == "":
        first -= 1
    while last < len(row) and row[last][0] == "":
        last += 1
    return first, last


@lru_cache(maxsize=4096)
def _change(pen: Pen, wanted: Pen) -> tuple[str, Pen]:
    """The sequence that turns `pen` into `wanted`, or into one that looks the same, and the pen after it."""
    attributes, foreground, background = wanted
    codes: list[str] = []
    if attributes is None:
        # an underline would show on a blank
        attributes = pen.attributes if _on_a_blank(pen).attributes is None else ""
    if attributes != pen.attributes:
        if pen.attributes:
            pen = PLAIN
            codes.append("0")
        codes += [attributes] if attributes else []
        pen = pen._replace(attributes=attributes)
    if foreground is not None and foreground != pen.foreground:
        codes.append(foreground)
        pen = pen._replace(foreground=foreground)
    if background != pen.background:
        codes.append(background)
        pen = pen._replace(background=background)
    return (f"\x1b[{';'.join(codes)}m" if codes else ""), pen


def _cells(segment: Segment, system: ColorSystem) -> list[Cell]:
    text, style, control = segment
    if control:
        return []
    pen = _pen(style, system)
    blank = _on_a_blank(pen)
    width = cell_len(text)
    if width == len(text):
        return [(character, blank if character == " " else pen) for character in text]
    widths = [cell_len(character) for character in text]
    if sum(widths) != width or 0 in widths:
        # characters whose width depends on each other stay together
        return [(text, pen), *[("", pen)] * (width - 1)] if width else []
    return [cell for character, size in zip(text, widths, strict=True) for cell in [(character, pen), ("", pen)][:size]]


@lru_cache(maxsize=4096)
def _pen(style: Style | None, system: ColorSystem) -> Pen:
    if style is None:
        return PLAIN
    # "1;4" of "\x1b[1;4m \x1b[0m", or nothing of " "
    attributes = style.without_color.clear_meta_and_links().render(" ").partition("m ")[0][2:]
    return Pen(attributes, _color(style.color, system, "39"), _color(style.bgcolor, system, "49", foreground=False))


def _color(color: Color | None, system: ColorSystem, default: str, *, foreground: bool = True) -> str:
    if color is None:
        return default
    if system == ColorSystem.EIGHT_BIT and color.triplet is not None:
        # rich would make both bands of a chart the same grey
        color = Color.from_ansi(nearest_of_256(color.triplet))
    return ";".join(color.downgrade(system).get_ansi_codes(foreground))


@lru_cache(maxsize=4096)
def _on_a_blank(pen: Pen) -> Pen:
    """The pen without what is invisible on a blank."""
    attributes = set((pen.attributes or "").split(";")) - {""}
    return pen if attributes - INVISIBLE_ON_A_BLANK else Pen(None, None, pen.background)

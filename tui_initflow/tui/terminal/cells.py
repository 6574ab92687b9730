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

from tui_initflow.charts.encode import nearest_of_256


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
ATTRIBUTES = (
    ("bold", "1"),
    ("dim", "2"),
    ("italic", "3"),
    ("underline", "4"),
    ("blink", "5"),
    ("reverse", "7"),
    ("strike", "9"),
    ("underline2", "21"),
    ("overline", "53"),
)
INVISIBLE_ON_A_BLANK = frozenset("123")
"""Bold, dim and italic."""
LONGEST_GAP = 4
"""So many unchanged cells between changed ones are cheaper to send again than to jump over."""


class Frame:
    """A screen of `width` x `height` cells, unknown at first."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rows: list[Row] = [[UNKNOWN] * width for _ in range(height)]

    def shows(self, other: Frame) -> bool:
        """Whether the rows are the very rows of another frame, not just equal to them."""
        return all(mine is theirs for mine, theirs in zip(self.rows, other.rows, strict=True))

    def copy(self) -> Frame:
        """A frame of its own with the same rows."""
        frame = Frame(0, 0)
        frame.width, frame.height, frame.rows = self.width, self.height, list(self.rows)
        return frame

    def paint(self, x: int, y: int, segments: Iterable[Segment], system: ColorSystem) -> None:
        """Draw text into row `y` from column `x` on, cut off at the edges."""
        if not 0 <= y < self.height:
            return
        cells = [cell for segment in segments for cell in _cells(segment, system)]
        cells = _until(cells, max(self.width - x, 0))
        row = self.rows[y]
        # frames share rows, so a row is replaced and never changed
        self.rows[y] = [*_until(row, x), *cells, *_from(row, x + len(cells))]


def _until(row: Row, end: int) -> Row:
    """The cells before `end`; blanks for a wide character that does not end there."""
    if end >= len(row):
        return row
    first = _character(row, end)[0] if row[end][0] == "" else end
    return [*row[:first], *_blanks(row[first:end])]


def _from(row: Row, start: int) -> Row:
    """The cells from `start` on; blanks for a wide character that does not begin there."""
    if start >= len(row) or row[start][0] != "":
        return row[start:]
    end = _character(row, start)[1]
    return [*_blanks(row[start:end]), *row[end:]]


def _blanks(row: Row) -> Row:
    return [(" ", pen and _on_a_blank(pen)) for _, pen in row]


def difference(old: Frame, new: Frame, room: int = sys.maxsize) -> tuple[str, Frame]:
    """What to send to a terminal that shows `old` so that it shows `new`, of the same size, and what it shows then.

    Rows that exceed `room`, in bytes, are left for later. The pen is plain before and after. The text is empty where
    nothing differs.
    """
    result = old.copy()
    sent: list[str] = []
    size = 0
    pen = PLAIN
    for y, (before, after) in enumerate(zip(old.rows, new.rows, strict=True)):
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
        result.rows[y] = after
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
    if attributes is not None and attributes != pen.attributes:
        if pen.attributes:
            pen = PLAIN
            codes.append("0")
        codes += [attributes] if attributes else []
        pen = pen._replace(attributes=attributes)
    elif attributes is None and pen.attributes and not set(pen.attributes.split(";")) <= INVISIBLE_ON_A_BLANK:
        # an underline would show on a blank
        pen = PLAIN
        codes.append("0")
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
    attributes = ";".join(code for name, code in ATTRIBUTES if getattr(style, name))
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

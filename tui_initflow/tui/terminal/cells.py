"""What the terminal shows, cell by cell, and the shortest text that turns it into what it should show.

Textual sends a region whole when anything in it was refreshed; at a change of pane, or behind a dialogue that
closes, that is the whole screen. Over a slow line the bytes are what one waits for, so only cells that differ are
sent, and of their styles only what differs from the cell before.
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


class Pen(NamedTuple):
    """Codes of SGR: of the attributes, the foreground and the background; None where it makes no difference."""

    attributes: str | None
    foreground: str | None
    background: str


Cell = tuple[str, Pen | None]
"""A character and its pen; "" in the cells that a wide one covers beside its first. No pen: not known."""
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
UNSEEN_ON_A_BLANK = frozenset({"bold", "dim", "italic"})
LONGEST_GAP = 4
"""Unchanged cells between changed ones that are cheaper to send again than to jump over."""


class Frame:
    """A screen of `width` x `height` cells, at first unknown."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rows: list[Row] = [[UNKNOWN] * width for _ in range(height)]

    def shows(self, other: Frame) -> bool:
        """Whether the rows are those of another frame, not only like them."""
        return all(mine is theirs for mine, theirs in zip(self.rows, other.rows, strict=True))

    def copy(self) -> Frame:
        """A frame of its own with the same rows."""
        frame = Frame(0, 0)
        frame.width, frame.height, frame.rows = self.width, self.height, list(self.rows)
        return frame

    def paint(self, x: int, y: int, segments: Iterable[Segment], system: ColorSystem) -> None:
        """Put text into row `y` from column `x` on; what lies outside is cut off."""
        if not 0 <= y < self.height:
            return
        cells = [cell for segment in segments for cell in _cells(segment, system)]
        cells = _until(cells, max(self.width - x, 0))
        row = self.rows[y]
        # rows are shared between frames, so they are replaced and never changed
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
    """What a terminal that shows `old` has to be sent to show `new`, of the same size, and what it shows then.

    With more rows to send than there is `room` for, in bytes, only the first ones are sent. The pen is plain
    before and after it; nothing is sent where nothing differs.
    """
    shown = old.copy()
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
        shown.rows[y] = after
    if sent:
        sent.append(RESET)
    return "".join(sent), shown


def _changed(before: Row, after: Row) -> Iterator[tuple[int, int]]:
    """Spans of cells to send: those that differ, joined where the gap is short and costs no other pen."""
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
    """The cells of the character that is shown at `x`: more than one if it is wide."""
    first, last = x, x + 1
    while first > 0 and row[first][0] == "":
        first -= 1
    while last < len(row) and row[last][0] == "":
        last += 1
    return first, last


@lru_cache(maxsize=4096)
def _change(pen: Pen, wanted: Pen) -> tuple[str, Pen]:
    """The sequence that makes `pen` do for `wanted`, and what the pen is after it."""
    attributes, foreground, background = wanted
    codes: list[str] = []
    if attributes is not None and attributes != pen.attributes:
        if pen.attributes:
            pen = PLAIN
            codes.append("0")
        codes += [attributes] if attributes else []
        pen = pen._replace(attributes=attributes)
    elif attributes is None and pen.attributes and not set(pen.attributes.split(";")) <= {"1", "2", "3"}:
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
        # characters that only together have a width stay together
        return [(text, pen), *[("", pen)] * (width - 1)] if width else []
    return [cell for character, size in zip(text, widths, strict=True) for cell in [(character, pen), ("", pen)][:size]]


@lru_cache(maxsize=4096)
def _pen(style: Style | None, system: ColorSystem) -> Pen:
    if style is None:
        return PLAIN
    attributes = ";".join(code for name, code in ATTRIBUTES if getattr(style, name))
    return Pen(attributes, _color(style.color, system, "39"), _color(style.bgcolor, system, "49", foreground=False))


def _color(color: Color | None, system: ColorSystem, default: str, *, foreground: bool = True) -> str:
    return default if color is None else ";".join(color.downgrade(system).get_ansi_codes(foreground))


@lru_cache(maxsize=4096)
def _on_a_blank(pen: Pen) -> Pen:
    """The pen as far as it shows where there is no ink."""
    shown = set((pen.attributes or "").split(";")) - {code for name, code in ATTRIBUTES if name in UNSEEN_ON_A_BLANK}
    return pen if shown - {""} else Pen(None, None, pen.background)

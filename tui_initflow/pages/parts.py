"""What results are told with: parts, in passages, which every format and the app draw in their own way.

Here they become rows of a page; `export/render.py` makes text of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, assert_never

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.findings.wording import HOLDS, Claim
from tui_initflow.pages.rows import fit, paragraph

Tone = Literal["text", "strong", "muted", "a", "b"]
"""How a sentence stands out: the finding, what is said beside it, the colour of a method."""
MARKS = {True: "✓", False: "✗", None: "·"}


class Painter(Protocol):
    """Draws a chart in this many columns and rows, or in the rows that it needs."""

    def __call__(self, width: int, height: int, palette: Palette, /) -> Picture: ...


@dataclass(frozen=True, slots=True)
class Title:
    """What the whole is about. `foreign` text has names from a file, which are no markup."""

    text: str
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence or more, `foreign` as in a title."""

    text: str
    tone: Tone = "text"
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Cells below a header, `foreign` as in a title.

    `layout` has a format specification for each column in text: < or >, and the least width unless the longest cell has
    it.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    layout: Sequence[str] = ()
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Text whose columns are where they are."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, as high as it is in a terminal. Reports have its title as a heading."""

    draw: Painter
    rows: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Something to copy, about a method where `tone` is its colour."""

    text: str
    language: Literal["sh", "python"]
    tone: Tone = "text"


Part = Title | Heading | Sentence | Claim | Table | Lines | Chart | Code
Passage = Sequence[Part]
"""Parts that belong together: between two passages is a blank line."""


def picture(parts: Iterable[Part], width: int, palette: Palette) -> Picture:
    """The parts as rows of this width, one below the other."""
    return tuple(row for part in parts for row in _rows(part, width, palette))


def _rows(part: Part, width: int, palette: Palette) -> Picture:
    match part:
        case Title(text):
            return paragraph(text, width, Style(palette.text, bold=True))
        case Heading(text):
            return (fit([(text, Style(palette.accent, bold=True))], width),)
        case Sentence(text, tone):
            return paragraph(text, width, _style(tone, palette))
        case Claim():
            return _claim(part, width, palette)
        case Table() | Lines():
            return tuple(fit([(line, Style(palette.text))], width) for line in lines_of(part))
        case Chart(draw, rows):
            return draw(width, rows, palette)
        case Code(text, _, tone):
            return paragraph(text, width, _style(tone, palette), hanging="  ")
        case _:
            assert_never(part)


def _style(tone: Tone, palette: Palette) -> Style:
    if tone == "strong":
        return Style(palette.text, bold=True)
    return Style({"text": palette.text, "muted": palette.muted, "a": palette.a, "b": palette.b}[tone])


def _claim(claim: Claim, width: int, palette: Palette) -> Picture:
    colour = {True: palette.good, False: palette.bad, None: palette.muted}[claim.holds]
    statement = paragraph(f"“{claim.statement}”", width, Style(palette.text))
    word = f"{MARKS[claim.holds]} {HOLDS[claim.holds]}"
    rows = []
    for i, row in enumerate(paragraph(claim.measured, width - 18, Style(palette.muted))):
        verdict = f"  {word:<16}" if i == 0 else " " * 18
        rows.append(fit([(verdict, Style(colour, bold=True)), *row], width))
    return (*statement, *rows)


def lines_of(part: Table | Lines) -> list[str]:
    """The lines of a text; columns are as wide as their layout says, or as their longest cell."""
    if isinstance(part, Lines):
        return list(part.lines)
    rows, layout = [part.header, *part.rows], part.layout or "<" * len(part.header)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    specs = [spec if spec[1:] else f"{spec}{width}" for spec, width in zip(layout, widths, strict=True)]
    return ["  ".join(f"{cell:{spec}}" for cell, spec in zip(row, specs, strict=True)).rstrip() for row in rows]

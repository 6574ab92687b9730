"""Parts as plain text, Markdown, plots and statements: each format of what a result tells of itself."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from tui_initflow import __version__
from tui_initflow.charts.cells import Encoding, Picture, to_ansi, to_plain
from tui_initflow.charts.palette import DARK, Palette
from tui_initflow.findings.wording import HOLDS, Claim
from tui_initflow.pages.parts import (
    Chart,
    Code,
    Heading,
    Lines,
    Part,
    Passage,
    Sentence,
    Table,
    Title,
    lines_of,
    picture,
)
from tui_initflow.pages.rows import blank

DEFAULT_WIDTH = 80
REPORT_WIDTH, MORE_ROWS = 96, 2
"""Columns of the charts in a report, and by how many rows they are higher than in a terminal."""
VERSIONS = f"tui-initflow {__version__}, numpy {np.__version__}, Python {platform.python_version()}"
_ASCII = str.maketrans(
    {
        **{"σ": "sigma", "π": "pi", "√": "sqrt ", "²": "^2", "⁻": "^-", "³": "3", "±": "+/-"},
        **{"↑": "up", "↓": "down", "←": "left", "→": "right"},
        **dict(zip("…·–×“”", '.--x""', strict=True)),
    }
)
_EQUALLY_WIDE = str.maketrans("█━σ…·±–×▀▄░√“”✓✗ξ⁻³", '#os.-+-x  :v""+-x-3')
"""Replacements for the text around charts, each as wide as the original; charts have ASCII characters of their own."""


def to_ascii(text: str) -> str:
    """The text with other words for the signs that reports use."""
    return text.translate(_ASCII)


def to_text(passages: Iterable[Passage]) -> str:
    """In ASCII, for any terminal, without charts."""
    told = (list(_lines(passage)) for passage in passages)
    lines = [line for passage in told if passage for line in ("", *passage)][1:]
    return to_ascii("".join(f"{line.rstrip()}\n" for line in lines))


def _lines(passage: Passage) -> Iterator[str]:
    for part in passage:
        match part:
            case Title(text) | Heading(text) | Sentence(text) | Code(text):
                yield text
            case Claim():
                yield from _checked(part)
            case Table() | Lines():
                yield from lines_of(part)
            case Chart():
                pass
            case _:
                assert_never(part)


def to_markdown(passages: Iterable[Passage]) -> str:
    """A report to read, send and cite, with all charts."""
    told = ("\n".join(map(_markdown, passage)).rstrip("\n") for passage in passages)
    return "\n\n".join([*told, VERSIONS]) + "\n"


def _markdown(part: Part) -> str:
    match part:
        case Title(text, foreign):
            return f"# {_shown(text, foreign)}\n"
        case Heading(text):
            return f"## {text}\n"
        case Sentence(text, tone, foreign):
            return f"**{_shown(text, foreign)}**" if tone == "strong" else _shown(text, foreign)
        case Claim(statement, measured, holds):
            return f"- “{statement}”: **{HOLDS[holds]}**. {measured}."
        case Table(header, rows, _, foreign):
            lines = (header, ["---"] * len(header), *rows)
            return "\n".join(f"| {' | '.join(_shown(cell, foreign) for cell in cells)} |" for cells in lines)
        case Lines(lines):
            return _fenced("text", "\n".join(lines))
        case Chart(draw, rows, title):
            drawn = draw(REPORT_WIDTH, rows + MORE_ROWS, DARK)
            heading = f"## {title}\n\n" if title else ""
            return f"{heading}{_fenced('text', to_plain(drawn, DARK))}"
        case Code(text, language):
            return _fenced(language, text)
        case _:
            assert_never(part)


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"


def _shown(text: str, foreign: bool) -> str:
    """Foreign text so that Markdown takes it for nothing else."""
    return re.sub(r"([\\`*_\[\]<>#|~&])", r"\\\1", text) if foreign else text


@dataclass(frozen=True, slots=True)
class Terminal:
    """How charts look where they are printed: without colours where `colours` is None."""

    width: int = DEFAULT_WIDTH
    colours: Encoding | None = None
    palette: Palette = DARK

    @property
    def unicode(self) -> bool:
        """Whether it shows more than ASCII."""
        return self.palette.glyphs.unicode

    def text(self, picture: Picture) -> str:
        """The lines of a picture; the last one does not end in a newline."""
        if self.colours is None:
            text = to_plain(picture, self.palette)
        else:
            text = to_ansi(picture, self.colours, self.palette.background)
        return text if self.unicode else text.translate(_EQUALLY_WIDE)


def to_plot(passages: Iterable[Passage], terminal: Terminal) -> str:
    """The charts one below the other, with their findings in words."""
    width, gap = terminal.width, blank(terminal.width)
    pictures = (picture(passage, width, terminal.palette) for passage in passages)
    rows = [row for one in pictures for row in (*gap, *one)][1:]
    while not "".join(text for text, _ in rows[-1]).strip():
        rows.pop()
    return f"{terminal.text(tuple(rows))}\n"


def to_statements(parts: Iterable[Part]) -> list[str]:
    """One statement each, with a capital and a full stop: for screen readers, which read a table or a box badly."""
    told = (text for line in _lines(list(parts)) for text in re.split(r"(?<=[a-z0-9)%]\.) (?=[A-Z])", line))
    return [f"{text[:1].upper()}{text[1:]}".rstrip(".") + "." for text in told]


def _checked(claim: Claim) -> tuple[str, str]:
    return (
        f"Claim: {claim.statement}",
        f"It {'is ' if claim.holds is None else ''}{HOLDS[claim.holds]}: {claim.measured}",
    )

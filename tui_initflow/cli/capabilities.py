"""What charts may use where a command prints them: how wide the terminal is, its colours, its characters."""

from __future__ import annotations

import os
import shutil
import sys

from tui_initflow.charts.encode import Encoding, one_of_256, true_colour
from tui_initflow.charts.palette import DARK, LIGHT, Palette
from tui_initflow.export.plots import DEFAULT_WIDTH, Terminal

WIDEST = 1000
CHARACTERS = "⣿━┈●▁"
"""Some of those that charts are made of."""


def standard_output(colour: str) -> Terminal:
    """Standard output; `colour` is always, never, or auto: on a terminal, unless NO_COLOR is set or TERM is dumb."""
    watched = sys.stdout is not None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if watched else _requested_width()
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return Terminal(min(width, WIDEST), _colours(colour, watched), _has_characters(encoding), _palette())


def file(colour: str) -> Terminal:
    """A file, which is UTF-8 and has colours only where they are asked for."""
    return Terminal(min(_requested_width(), WIDEST), _colours(colour, watched=False), True, _palette())


def _requested_width() -> int:
    """COLUMNS, since a terminal's own width does not bind what is not printed on it."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns[:9]) if columns.isascii() and columns.isdecimal() and columns.strip("0") else DEFAULT_WIDTH


def _colours(choice: str, watched: bool) -> Encoding | None:
    # https://no-color.org; the command line has the last word
    able = watched and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    if choice == "never" or (choice == "auto" and not able):
        return None
    return true_colour if os.environ.get("COLORTERM") in ("truecolor", "24bit") else one_of_256


def _palette() -> Palette:
    """For the background that a few terminals tell of in COLORFGBG; dark where nothing is known."""
    return LIGHT if os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15") else DARK


def _has_characters(encoding: str) -> bool:
    try:
        CHARACTERS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True

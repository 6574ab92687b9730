"""What charts may use where a command prints them: the width, the colours and the characters."""

from __future__ import annotations

import os
import shutil
import sys

from tui_initflow.charts.encode import Encoding, one_of_256, true_colour
from tui_initflow.charts.palette import DARK, LIGHT, Palette
from tui_initflow.export.plots import DEFAULT_WIDTH, Terminal

WIDEST = 1000
CHARACTERS = "⣿━┈●▁"
"""A sample of those that charts are made of."""


def standard_output(colour: str) -> Terminal:
    """Standard output. `colour` is always, never or auto: on a terminal, unless NO_COLOR is set or TERM is dumb."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else _requested_width()
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return Terminal(min(width, WIDEST), _colours(colour, is_terminal), _can_encode(encoding), _palette())


def file(colour: str) -> Terminal:
    """A file: UTF-8, and colours only if `colour` is always."""
    return Terminal(min(_requested_width(), WIDEST), _colours(colour, is_terminal=False), True, _palette())


def _requested_width() -> int:
    """COLUMNS, for output that does not go to a terminal."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns[:9]) if columns.isascii() and columns.isdecimal() and columns.strip("0") else DEFAULT_WIDTH


def _colours(choice: str, is_terminal: bool) -> Encoding | None:
    # https://no-color.org; the command line overrides the environment
    automatic = is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    if choice == "never" or (choice == "auto" and not automatic):
        return None
    return true_colour if os.environ.get("COLORTERM") in ("truecolor", "24bit") else one_of_256


def _palette() -> Palette:
    """Light where COLORFGBG, which a few terminals set, names a light background; dark otherwise."""
    return LIGHT if os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15") else DARK


def _can_encode(encoding: str) -> bool:
    try:
        CHARACTERS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True

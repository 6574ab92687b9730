"""What charts may use where a command prints them: the width, the colours and the characters."""

from __future__ import annotations

import os
import shutil
from typing import TextIO

from tui_initflow.charts.cells import Encoding, one_of_256, true_colour
from tui_initflow.charts.palette import DARK, LIGHT
from tui_initflow.export.render import DEFAULT_WIDTH, Terminal

WIDEST = 1000
CHARACTERS = "⣿━┈●▁"
"""A sample of those that charts are made of."""


def terminal(stream: TextIO | None, colour: str) -> Terminal:
    """What `stream` can show; None stands for a file, which has no width of its own and is UTF-8.

    `colour` is always, never or auto: on a terminal, unless NO_COLOR is set or TERM is dumb.
    """
    is_terminal = stream is not None and stream.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else _requested_width()
    encoding = getattr(stream, "encoding", None) or "utf-8"
    unicode = CHARACTERS.encode(encoding, "replace").decode(encoding) == CHARACTERS
    # a few terminals say what their background is; 7 and 15 are light
    is_light = os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
    palette = LIGHT if is_light else DARK
    return Terminal(min(width, WIDEST), _colours(colour, is_terminal), palette if unicode else palette.in_ascii)


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

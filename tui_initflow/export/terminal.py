"""What charts may use where a command prints them: how wide it is, its colours, its characters."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass

from tui_initflow.charts.ansi import Encoding, one_of_256, to_ansi, true_colour
from tui_initflow.charts.cells import Picture
from tui_initflow.charts.glyphs import ASCII, UNICODE
from tui_initflow.charts.palette import DARK, LIGHT, Palette
from tui_initflow.charts.plain import to_plain

DEFAULT_WIDTH, WIDEST = 80, 1000
CHARACTERS = "⣿━┈●▁"
"""Some of those that charts are made of."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """`colours` is None where there are none; `unicode` says whether there is more than ASCII."""

    width: int = DEFAULT_WIDTH
    colours: Encoding | None = None
    unicode: bool = True
    palette: Palette = DARK

    def text(self, picture: Picture) -> str:
        """The picture in lines, without an end to the last one."""
        if self.colours is None:
            text = to_plain(picture, self.palette, UNICODE if self.unicode else ASCII)
        else:
            text = to_ansi(picture, self.colours, self.palette.background)
        return text if self.unicode else text.translate(_ASCII)


def standard_output(colour: str) -> Terminal:
    """Standard output; `colour` is always, never, or auto: on a terminal, unless NO_COLOR or TERM=dumb say no."""
    watched = sys.stdout is not None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if watched else _asked_width()
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return Terminal(min(width, WIDEST), _colours(colour, watched), _has(encoding), _palette())


def file(colour: str) -> Terminal:
    """A file, which is UTF-8 and has colours only where they are asked for."""
    return Terminal(min(_asked_width(), WIDEST), _colours(colour, watched=False), True, _palette())


def _asked_width() -> int:
    """COLUMNS, as a terminal's own width does not bind what is not printed on it."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns[:9]) if columns.isascii() and columns.isdecimal() and columns.strip("0") else DEFAULT_WIDTH


def _colours(choice: str, watched: bool) -> Encoding | None:
    # https://no-color.org; what the command line says counts more
    able = watched and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    if choice == "never" or (choice == "auto" and not able):
        return None
    return true_colour if os.environ.get("COLORTERM") in ("truecolor", "24bit") else one_of_256


def _palette() -> Palette:
    """For the background that a terminal tells of in COLORFGBG, as few do; dark where nothing is known."""
    return LIGHT if os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15") else DARK


def _has(encoding: str) -> bool:
    try:
        CHARACTERS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


_ASCII = str.maketrans("█━σ…·±–×▀▄░", "#os.-+-x  :")
"""What the texts around charts have beyond ASCII; charts have glyphs of their own."""

"""Pictures without colours: what only a colour said becomes a character."""

from __future__ import annotations

from tui_initflow.charts.cells import LOWER_SHADE, UPPER_SHADE, Picture, Run, to_text
from tui_initflow.charts.glyphs import Glyphs
from tui_initflow.charts.palette import Palette


def to_plain(picture: Picture, palette: Palette, glyphs: Glyphs) -> str:
    """One line a row; bands are shaded with a character, wherever they are not behind one."""
    bands = {palette.band_a, palette.band_b, palette.overlap}
    behind = dict.fromkeys(map(ord, (" ", glyphs.grid, UPPER_SHADE, LOWER_SHADE)), glyphs.shade)

    def shaded(run: Run) -> Run:
        text, style = run
        # a half cell has its colour in front, the other half may have another one behind
        half = text[0] in (UPPER_SHADE, LOWER_SHADE) and style.fg in bands
        return (text.translate(behind), style) if half or style.bg in bands else run

    return to_text(tuple(tuple(map(shaded, row)) for row in picture))

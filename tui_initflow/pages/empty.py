"""What a pane says while it has nothing to show: what it will show, and which key to press."""

from __future__ import annotations

import textwrap

from tui_initflow.charts.cells import PLAIN, Picture, Row, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.pages.panes import PANES
from tui_initflow.pages.rows import blank, centre, fit, paragraph

KEYS = (
    ("r", "run once"),
    ("R", "run many, with intervals"),
    ("m", "match the variances of both methods"),
    ("tab", "go to Layers; ↑ adds a layer"),
    ("?", "all keys"),
)
KEYS_WIDTH = 54


def invitation(pane: str, width: int, height: int, palette: Palette) -> Picture:
    lines = textwrap.wrap(PANES[pane].promise, max(width - 2, 1), break_on_hyphens=False)
    promise = [centre([(line, Style(palette.text))], width) for line in lines]
    rows: list[Row] = [*promise, *blank(width), *(_key(key, what, width, palette) for key, what in KEYS)]
    # the keys are told in one place only: where the first result will appear
    if pane != "gradient" or len(rows) > height:
        rows = promise
    above = max(0, (height - len(rows)) // 2)
    return (*blank(width, above), *rows, *blank(width, height - above - len(rows)))


def no_sweep(experiment: Experiment, over: str, width: int, height: int, palette: Palette) -> Picture:
    """What stands in the place of a sweep that is not computed yet."""
    label = SETTINGS[over].label
    a, b = experiment.methods
    text = f"{b.label}/{a.label} by {label.lower()}: not computed yet"
    if experiment.widths is not None and over != "features":
        text = f"{label} cannot be swept: the network is a list of widths"
    message = paragraph(text, width, Style(palette.muted))
    return (*message, *blank(width, height - len(message)))


def _key(key: str, what: str, width: int, palette: Palette) -> Row:
    label = (f" {key} ", Style(palette.background, palette.accent, bold=True))
    indent = (" " * (5 - len(key)), PLAIN)
    line = fit([indent, label, (f"  {what}", Style(palette.muted))], KEYS_WIDTH)
    return centre(line, width)

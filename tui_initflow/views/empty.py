"""What a pane says before the first run: what it will show, and what to press."""

from __future__ import annotations

from tui_initflow.charts.cells import Picture, Row, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.views.rows import blank, centre, fit

PROMISES = {
    "gradient": "Two networks, the same but for how their weights are drawn. Which gradient reaches L0?",
    "layers": "Every layer of both networks: gradient, factor to the next, saturation, status.",
    "preactivations": "How the pre-activations of each layer are distributed, and how many saturate.",
    "runs": "Final gradients of all runs, their means, and how sure we can be.",
    "why": "Why one network wins, and which explanations hold for the numbers on screen.",
}
KEYS = (
    ("r", "run once"),
    ("R", "run many, with intervals"),
    ("m", "match the variances: what remains of the difference?"),
    ("tab", "to Layers, then ↑: deeper"),
    ("?", "all keys"),
)
KEYS_WIDTH = 60


def invitation(pane: str, width: int, height: int, palette: Palette) -> Picture:
    promise = centre([(PROMISES[pane], Style(palette.text, None))], width)
    rows: list[Row] = [promise, *blank(width), *(_key(key, what, width, palette) for key, what in KEYS)]
    if len(rows) > height:
        rows = [promise]
    above = max(0, (height - len(rows)) // 2)
    return (*blank(width, above), *rows, *blank(width, height - above - len(rows)))


def _key(key: str, what: str, width: int, palette: Palette) -> Row:
    label = (f" {key} ", Style(palette.background, palette.accent, bold=True))
    line = fit(
        [(" " * (5 - len(key)), Style(None, None)), label, (f"  {what}", Style(palette.muted, None))], KEYS_WIDTH
    )
    return centre(line, width)

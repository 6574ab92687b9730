"""What a pane says before the first run: what it will show, and what to press."""

from __future__ import annotations

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.views.rows import blank, centre

PROMISES = {
    "gradient": "Gradient magnitude through the layers, both methods, log scale",
    "layers": "Every layer of both methods: gradient, factor, saturation, status",
    "preactivations": "How the pre-activations are distributed in each layer",
    "runs": "Final gradients of all runs, means and intervals",
    "why": "Why one method wins, and which explanations hold for your numbers",
}


def invitation(pane: str, width: int, height: int, palette: Palette) -> Picture:
    above = max(0, (height - 3) // 2)
    rows = (
        *blank(width, above),
        centre([(PROMISES[pane], Style(palette.muted, None))], width),
        *blank(width),
        centre(
            [
                ("press ", Style(palette.text, None)),
                (" r ", Style(palette.background, palette.accent, bold=True)),
                (" to run", Style(palette.text, None)),
            ],
            width,
        ),
    )
    return (*rows, *blank(width, height - len(rows)))[: max(height, 1)]

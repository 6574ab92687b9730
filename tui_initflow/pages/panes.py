"""The one table of panes: names, titles and painters, in the order of the number keys, and what they show before a run.

To add a pane, write its painter as a page of this room, and add it to both tables here. Keys, tabs, palette and layout
follow.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tui_initflow.charts.cells import PLAIN, Picture, Row, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.pages.rows import blank, centre, fit, paragraph

if TYPE_CHECKING:
    from tui_initflow.findings.summary import Summary


@dataclass(frozen=True, slots=True)
class Pane:
    """What a pane is called, and what it says before there is anything to draw."""

    title: str
    promise: str = ""


PANES: Mapping[str, Pane] = {
    "gradient": Pane("Gradient", "One network, weights drawn in two ways: how much gradient reaches layer 1?"),
    "layers": Pane("Layers", "Both networks layer by layer: gradient, factor to the next layer, saturation, status."),
    "preactivations": Pane(
        "Pre-activations", "The distribution of the pre-activations in each layer: mean |z|, spread, outliers."
    ),
    "runs": Pane("Runs", "The final gradient of every run, with averages and confidence intervals."),
    "sweeps": Pane("Sweeps"),  # three charts, drawn one by one
    "why": Pane("Why", "Why one method wins, and which common claims hold for the numbers on screen."),
    "train": Pane("Train", "Press g to train both networks: does what the gradient shows decide whether they learn?"),
}

CHECKPOINT_VIEWS: Mapping[str, str] = {
    "tensors": "Tensors",
    "tensor": "One tensor",
    **{name: PANES[name].title for name in ("gradient", "layers", "preactivations")},
}
"""What is shown of a checkpoint: views of its own, and the panes of the weights that chain."""

KEYS = (
    ("r", "run once"),
    ("R", "run many, with intervals"),
    ("m", "match the variances of both methods"),
    ("tab", "go to Layers; ↑ adds a layer"),
    ("?", "all keys"),
)
KEYS_WIDTH = 54


def painters(summary: Summary, kept: Summary | None = None) -> Mapping[str, Callable[[int, int, Palette], Picture]]:
    """For each pane a function that draws it at a width and a height; what it draws may be higher.

    `kept` is a result to compare with. Painters are loaded here, because they need numpy, for which the first paint
    does not wait.
    """
    from tui_initflow.pages.gradient import gradient
    from tui_initflow.pages.layers import layer_tables
    from tui_initflow.pages.preactivations import histograms
    from tui_initflow.pages.runs import statistics
    from tui_initflow.pages.why import why

    return {
        "gradient": partial(gradient, summary, kept=kept),
        "layers": partial(layer_tables, summary),
        "preactivations": partial(histograms, summary),
        "runs": partial(statistics, summary),
        "why": why(summary),
    }


def invitation(pane: str, width: int, height: int, palette: Palette) -> Picture:
    """What a pane says while it has nothing to show: what it will show, and which key to press."""
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

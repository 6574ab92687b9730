"""The one table of panes: names, titles, promises and painters, in the order of the number keys.

To add a pane, write its painter as a page of this room, and add it to both tables here. Keys, tabs, palette and layout
follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_initflow.charts.cells import Picture
    from tui_initflow.charts.palette import Palette
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
}


def painters(summary: Summary) -> Mapping[str, Callable[[int, int, Palette], Picture]]:
    """For each pane a function that draws it at a width and a height; what it draws may be higher.

    Painters are loaded here, because they need numpy, for which the first paint does not wait.
    """
    from tui_initflow.pages.gradient import gradient
    from tui_initflow.pages.layers import layer_tables
    from tui_initflow.pages.preactivations import histograms
    from tui_initflow.pages.runs import statistics
    from tui_initflow.pages.why import Why

    return {
        "gradient": partial(gradient, summary),
        "layers": partial(layer_tables, summary),
        "preactivations": partial(histograms, summary),
        "runs": partial(statistics, summary),
        "why": Why(summary),
    }

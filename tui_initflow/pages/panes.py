"""The one table of panes: names, titles, promises and painters, in the order of the number keys.

To add a pane, write its painter as a page of this room, and add it to both tables here. Keys, tabs, palette and layout
follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
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
    "gradient": Pane(
        "Gradient", "One network, its weights drawn in two ways: how much gradient reaches L0, the first layer?"
    ),
    "layers": Pane("Layers", "Every layer of both networks: gradient, factor, saturation, status."),
    "preactivations": Pane(
        "Pre-activations", "How the pre-activations of each layer are distributed, and how many neurons saturate."
    ),
    "runs": Pane("Runs", "The final gradient of every run, the averages, and how certain they are."),
    "sweeps": Pane("Sweeps"),  # three charts, drawn one by one
    "why": Pane("Why", "Why one network wins, and which explanations hold for the numbers on screen."),
}


@cache
def painters() -> Mapping[str, Callable[[Summary, int, int, Palette], Picture]]:
    """What draws each pane. Loaded late, because painters need numpy, for which the first paint does not wait."""
    from tui_initflow.pages.gradient import gradient
    from tui_initflow.pages.layers import layer_tables
    from tui_initflow.pages.preactivations import histograms
    from tui_initflow.pages.runs import statistics
    from tui_initflow.pages.why import why

    return {
        "gradient": gradient,
        "layers": layer_tables,
        "preactivations": histograms,
        "runs": statistics,
        "why": why,
    }

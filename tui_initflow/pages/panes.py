"""What draws each pane, from one summary of the runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from tui_initflow.charts.cells import Picture
from tui_initflow.charts.palette import Palette
from tui_initflow.findings.summary import Summary
from tui_initflow.pages.gradient import gradient
from tui_initflow.pages.layers import layer_tables
from tui_initflow.pages.preactivations import histograms
from tui_initflow.pages.runs import statistics
from tui_initflow.pages.why import Why


def painters(summary: Summary) -> Mapping[str, Callable[[int, int, Palette], Picture]]:
    """For each pane a function that draws it at a width and a height; what it draws may be higher."""
    return {
        "gradient": partial(gradient, summary),
        "layers": partial(layer_tables, summary),
        "preactivations": partial(histograms, summary),
        "runs": partial(statistics, summary),
        "why": Why(summary),
    }

"""Which painter draws which pane."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui_initflow.charts.cells import Picture
from tui_initflow.charts.palette import Palette
from tui_initflow.findings.summary import Summary
from tui_initflow.pages.gradient import gradient
from tui_initflow.pages.layers import layer_tables
from tui_initflow.pages.preactivations import histograms
from tui_initflow.pages.runs import statistics
from tui_initflow.pages.why import why

PAINTERS: Mapping[str, Callable[[Summary, int, int, Palette], Picture]] = {
    "gradient": gradient,
    "layers": layer_tables,
    "preactivations": histograms,
    "runs": statistics,
    "why": why,
}

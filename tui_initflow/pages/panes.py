"""The one table of panes: names, titles, explanations and painters, in the order of the number keys.

To add a pane, write its painter as a page of this room, and add it to both tables here; it says what it shows before a
run, and three sentences explain it. Keys, tabs, palette and layout
follow.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tui_initflow.charts.cells import PLAIN, Picture, Row, Style
from tui_initflow.charts.palette import Palette
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.pages.rows import blank, centre, fit, paragraph

if TYPE_CHECKING:
    from tui_initflow.findings.layers import Layers
    from tui_initflow.findings.summary import Summary

Painter = Callable[[int, int, Palette], Picture]
"""Draws at a width and a height."""


class Aid(NamedTuple):
    """A chart explained in three sentences: what it is, how it is read, and what to try."""

    what: str
    read: str
    attempt: str


@dataclass(frozen=True, slots=True)
class Pane:
    """What a pane is called, how it is explained, and what it says before there is anything to draw."""

    title: str
    aid: Aid
    promise: str = ""


PANES: Mapping[str, Pane] = {
    "gradient": Pane(
        "Gradient",
        Aid(
            "How large the gradient is at every layer, on a log scale, for both methods.",
            "It flows from the output at the right, where both start at 1, to the first layer, L0: a straight descent "
            "means that every layer takes the same factor.",
            "Add layers and see the slope stay while the left end sinks; then press m to match the variances.",
        ),
        "One network, weights drawn in two ways: how much gradient reaches layer 1?",
    ),
    "layers": Pane(
        "Layers",
        Aid(
            "Both networks as tables, a row for each layer, and their gradients as bars.",
            "The factor says what a layer passes on to the next one; the status is dead below 1e-03, weak below 1e-01 "
            "and exploding above 1e+01; a check passes from 1e-03 to 1000.",
            "Find the first layer that is dead, then choose another initialiser with a or b and look again.",
        ),
        "Both networks layer by layer: gradient, factor to the next layer, saturation, status.",
    ),
    "preactivations": Pane(
        "Pre-activations",
        Aid(
            "The distribution of what the neurons sum up, z, before the activation function, layer by layer.",
            "Each histogram is as high as its own peak; for tanh, neurons beyond ±2 hardly pass a gradient, and a "
            "spike at 0 says that the signal dies out.",
            "Press l for a literal rand(), where the neurons do saturate, and d for the demo, where none does.",
        ),
        "The distribution of the pre-activations in each layer: mean |z|, spread, outliers.",
    ),
    "runs": Pane(
        "Runs",
        Aid(
            "The gradient at the first layer in every run, each with fresh weights, and its averages.",
            "Runs scatter by factors, so methods are compared by geometric means; a confidence interval of the ratio "
            "that contains 1x means that the difference may be luck.",
            "Press R for more runs and see the interval shrink; with matched variance it should come close to 1x.",
        ),
        "The final gradient of every run, with averages and confidence intervals.",
    ),
    "sweeps": Pane(  # three charts, drawn one by one
        "Sweeps",
        Aid(
            "By which factor the second method's gradient exceeds the first one's, while one setting varies.",
            "Above 1x the second gradient is larger; the filled dot is the present setting, the band holds most runs.",
            "Press tab to focus a chart, read its points with the arrow keys, and use one with Enter.",
        ),
    ),
    "why": Pane(
        "Why",
        Aid(
            "What these runs show in words, with common claims about initialisation checked against them.",
            "Every claim stands beside the number that decides it: ✓ holds, ✗ does not hold, · is undecided here.",
            "Set a single layer and see which is larger then; press t for advice on each method.",
        ),
        "Why one gradient is larger, and which common claims hold for the numbers on screen.",
    ),
    "train": Pane(
        "Train",
        Aid(
            "Both networks trained on data from exactly the weights that the runs draw, with what happens inside.",
            "A loss that stays flat and an accuracy at the dotted line, chance, mean that nothing is learned; by "
            "layer, marks are before training and lines after it.",
            "Train 20 layers with g, then choose Adam with G, then match the variances with m.",
        ),
        "Press g to train both networks: does what the gradient shows decide whether they learn?",
    ),
}

CHECKPOINT_VIEWS: Mapping[str, str] = {
    "tensors": "Tensors",
    "tensor": "One tensor",
    **{name: PANES[name].title for name in ("gradient", "layers", "preactivations")},
}
"""What is shown of a checkpoint: views of its own, and the panes of the weights that chain."""

EXPLAINED: Mapping[str, Pane] = {
    **PANES,
    "phase": Pane(
        "Phase chart",
        Aid(
            "The gradient at the first layer over gain, or width, and depth: each cell is a network of its own.",
            "Numbers are log10, so that -3 is a thousandth; left of the edge of chaos it vanishes, right of it it "
            "explodes, the faster the deeper.",
            "Read cells with the arrow keys, use one with Enter, and see with v where the other method has its edge.",
        ),
    ),
    "trained": Pane(
        "Trainability map",
        Aid(
            "How many test rows the focused method gets right after training, over gain and depth.",
            "Networks learn in a wedge around the edge of chaos; the line is at 6 of theory's depth scales, about "
            "as far as two inputs stay so different that a network can tell them apart.",
            "Compare it with the gradient's map with v: what vanishes or explodes there does not learn here.",
        ),
    ),
    "tensors": Pane(
        "Tensors",
        Aid(
            "Every tensor of the file with its status, and the numbers of the chosen one in a histogram.",
            "Gain is sigma_w over the critical gain: 1 is the edge of chaos; untouched means that the numbers are as "
            "an initialiser leaves them, which the outline shows.",
            "Sort by status with o to see what is wrong first, and filter by name with /.",
        ),
    ),
    "tensor": Pane(
        "One tensor",
        Aid(
            "The numbers of one tensor, under the density of the initialiser that it looks like, and all that is known "
            "of it.",
            "The spectral norm is the largest factor by which it can stretch a vector; a stable rank far below the "
            "smaller side means that training has pulled a few directions out.",
            "Compare a layer that has learned with an untouched one, going back with escape and on with the arrows.",
        ),
    ),
}
"""Every pane, the maps that have a screen of their own, and the views of a checkpoint."""

KEYS = (
    ("r", "run once"),
    ("R", "run many, with intervals"),
    ("m", "match the variances of both methods"),
    ("tab", "go to Layers; ↑ adds a layer"),
    ("?", "all keys"),
)
KEYS_WIDTH = 54


def painters(summary: Summary, kept: Summary | None = None) -> Mapping[str, Painter]:
    """For each pane a function that draws it at a width and a height; what it draws may be higher.

    `kept` is a result to compare with. Painters are loaded here, because they need numpy, for which the first paint
    does not wait.
    """
    from tui_initflow.findings.layers import of_runs
    from tui_initflow.pages.runs import statistics
    from tui_initflow.pages.why import why

    layers = layer_painters(of_runs(summary), None if kept is None else of_runs(kept))
    return {**layers, "runs": partial(statistics, summary), "why": why(summary)}


def layer_painters(layers: Layers, kept: Layers | None = None) -> Mapping[str, Painter]:
    """Those of the panes that draw layers, wherever these come from."""
    from tui_initflow.pages.gradient import gradient
    from tui_initflow.pages.layers import histograms, layer_tables

    return {
        "gradient": partial(gradient, layers, kept=kept),
        "layers": partial(layer_tables, layers),
        "preactivations": partial(histograms, layers),
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

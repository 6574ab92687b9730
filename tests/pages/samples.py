"""Quite different experiments with their runs, for the tests of all pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from tui_initflow import Experiment, simulate
from tui_initflow.charts.cells import Picture, to_text
from tui_initflow.findings.intervals import Band
from tui_initflow.findings.layers import Distributions, Layers, LayerSeries, of_runs
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.findings.summary import Summary, summarise
from tui_initflow.theory.outlook import theory_of

DEMO = Experiment(runs=20, seed=1)
RELU = DEMO.with_(activation="relu", a="he-normal")
EXPERIMENTS = {
    "demo": DEMO,
    "one run": DEMO.with_(runs=1),
    "matched": DEMO.with_(a="glorot-uniform"),
    "rand": DEMO.with_(a="rand"),
    "one layer": DEMO.with_(layers=1),
    "deep": RELU.with_(layers=100, b="torch-linear", runs=5),
    "widths": Experiment(widths=(784, 512, 64, 10), activation="gelu", a="he-normal", b="truncated-normal", runs=3),
    "selu": DEMO.with_(activation="selu", a="lecun-normal", layers=30),
    "dead": RELU.with_(layers=30, neurons=2, b="he-uniform"),
    "orthogonal": DEMO.with_(a="orthogonal", layers=40, runs=5),
    "exploding": RELU.with_(a="normal", gain_a=30.0, layers=20),
    "biases": DEMO.with_(sigma_b=0.5, a="lecun-uniform"),
    "signs": DEMO.with_(start="signs", a="truncated-normal", gain_a=1.73, b="lecun-uniform", gain_b=0.577),
    "softplus": DEMO.with_(activation="softplus", layers=40, gain_a=1000.0, gain_b=900.0, runs=2),
    "identity": DEMO.with_(activation="identity"),
    "fp16": DEMO.with_(layers=30, format="fp16"),
}
SIZES = ((79, 16), (80, 16), (80, 23), (118, 37), (200, 59))
"""Panes in screens of 80x24, 120x40 and 200x60, some of them zoomed."""
SIZES_BY_EXPERIMENT = {name: (SIZES[0], *SIZES[1 + at % 2 :: 2]) for at, name in enumerate(EXPERIMENTS)}
"""The narrowest for each of them, the others in turn."""


@cache
def summary(name: str) -> Summary:
    return summarise(simulate(EXPERIMENTS[name]))


@cache
def with_theory(name: str) -> Summary:
    return replace(summary(name), theory=theory_of(EXPERIMENTS[name], TRAINABLE))


def layers(name: str) -> Layers:
    return of_runs(summary(name))


def spread(values: ArrayLike) -> Band:
    """Medians with deciles a tenth below and above."""
    median = np.array(values, dtype=np.float64)
    return Band(median, median - 0.1, median + 0.1)


def distributions(std: ArrayLike) -> Distributions:
    """Of units with these deviations, a tenth of whose neurons are beyond 4; nan is a unit that was not measured."""
    deviations = np.array(std, dtype=np.float64)
    counts = np.outer(~np.isnan(deviations), [1, 5, 9, 5, 1])
    return Distributions(0.8 * deviations, deviations, np.full(len(deviations), 0.1), counts, -4.0, 4.0)


def stub(labels: Sequence[str], *, gradient: ArrayLike | None = None, std: ArrayLike | None = None) -> Layers:
    """A source without an engine: one series of units with these names, measured where their gradient is."""
    falling = np.linspace(-2.0, -0.5, len(labels)) if gradient is None else gradient
    z = distributions(np.ones(len(labels)) if std is None else std)
    one = LayerSeries("probe", spread(falling), share=spread(np.full(len(labels), 0.25)), z=z)
    return Layers(points=tuple(labels), units=tuple(labels), series=(one,), share=("flat", "units with |f'| < 0.1"))


def words(picture: Picture) -> str:
    """The text of a picture as one line, blanks joined."""
    return " ".join(to_text(picture).split())

"""Results that pictures are made of, in place of the lab's computations.

Each function here has the name of the one that it stands in for.

Every number is a sum, product or quotient of small ones. These are the same on all processors, where products of
matrices and exponentials are not: their last bits decide, now and then, which dot of a curve is drawn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tui_initflow.engine.grid import Axes, GridResult, plan_grid
from tui_initflow.engine.preactivations import HISTOGRAM_BINS, PreactivationStatistics, RunSums, Sums
from tui_initflow.engine.results import MethodResult, Results, Statistics
from tui_initflow.engine.sweep import SweepPoint, SweepResult, sweep_values
from tui_initflow.findings.remedies import Remedy
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.network import Network
from tui_initflow.model.pair import Pair, Side
from tui_initflow.model.training import TrainingSettings
from tui_initflow.theory.outlook import Outlook, Theory
from tui_initflow.theory.phase import Phase
from tui_initflow.theory.prediction import Prediction, TrainableDepth
from tui_initflow.training.data import Dataset
from tui_initflow.training.results import Curves, MethodTraining, RateSearch, TrainingResult, without_nan

Floats = NDArray[np.float64]

DECADES = Pair(-0.2417, -0.0563)
"""What a backward step adds to log10 of the gradient."""
SIZE = Pair(0.313, 0.557)
"""Of the pre-activations of the first layer; those of later ones are smaller."""
REACH = Pair(2, 5)
"""Bins of the histogram on either side of its peak."""
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SWEPT_RUNS, STEPS_RECORDED = 8, 20


def scattered(*places: ArrayLike) -> Floats:
    """Numbers between -0.5 and 0.5 without a pattern that the eye sees, by place."""
    place = sum(np.asarray(at, np.float64) * step for at, step in zip(places, (37, 17, 59), strict=False))
    return np.asarray(place % 101 - 50) / 101


def run(experiment: Experiment, *_work: object, before: Results | None, place: None) -> Results:
    runs = np.arange(experiment.runs)
    return Results(experiment, *Pair.of(lambda side: method_result(experiment, side, runs)))


def method_result(experiment: Experiment, side: Side, runs: NDArray[np.int_]) -> MethodResult:
    name, network = experiment.methods[side].initialiser.name, experiment.network
    by_run = 1 + 0.3 * scattered(runs[:, None], np.arange(network.layers + 1), side == "b")
    statistics = preactivations(network, side, runs)
    return MethodResult(name, mean_log10_gradient(network.layers, side) * by_run, Statistics(statistics, None))


def mean_log10_gradient(layers: int, side: Side) -> Floats:
    """At L0 … L{L}, where it is 0."""
    return DECADES[side] * np.arange(layers, -1, -1, dtype=np.float64)


def sizes(layers: int, side: Side) -> Floats:
    """Standard deviation of the pre-activations by layer."""
    return SIZE[side] / (1 + 0.07 * np.arange(layers, dtype=np.float64))


def preactivations(network: Network, side: Side, runs: NDArray[np.int_]) -> PreactivationStatistics:
    count = np.multiply(network.widths, len(runs))
    away = np.abs(np.arange(HISTOGRAM_BINS) - HISTOGRAM_BINS // 2)
    reach = np.maximum(REACH[side] - np.arange(network.layers) // 4, 1)[:, None]
    weights = np.maximum(reach + 1 - away, 0) ** 2
    histogram = count[:, None] * weights // weights.sum(axis=1, keepdims=True)
    above = count // (400 if side == "a" else 90)
    histogram[:, HISTOGRAM_BINS // 2] += count - above - histogram.sum(axis=1)
    size = sizes(network.layers, side) * (1 + 0.2 * scattered(runs[:, None], np.arange(network.layers)))
    sums = np.stack([0.79 * size, 0.03 * size, size * size], axis=1) * np.array(network.widths)
    return PreactivationStatistics(
        count=count,
        saturated_count=count // (300 if side == "a" else 70),
        histogram=histogram,
        below=np.zeros_like(count),
        above=above,
        sums=RunSums.of(int(runs[0]), Sums(sums, np.zeros(size.shape, np.int32))),
    )


def quick_sweep(experiment: Experiment, over: str, *_work: object, place: None) -> SweepResult:
    runs, points = np.arange(SWEPT_RUNS), []
    for value in sweep_values(experiment, over):
        layers = value if over == "layers" else experiment.layers
        mean = (DECADES.b - DECADES.a) * layers - 0.253
        points.append(SweepPoint(value, mean + 0.1 * layers * scattered(runs, value)))
    return SweepResult(experiment.with_(runs=SWEPT_RUNS), over, tuple(points))


def theory(experiment: Experiment, *_work: object) -> Theory:
    return Theory(experiment, Pair.of(lambda side: outlook(experiment.layers, side)))


def outlook(layers: int, side: Side) -> Outlook:
    mean, size = mean_log10_gradient(layers, side), sizes(layers, side)
    sd_ln = 0.061 * np.arange(layers, -1, -1, dtype=np.float64)
    return Outlook(
        prediction=Prediction(
            q=size * size,
            m=np.zeros(layers),
            log10_gradient=mean,
            log10_median=mean - 0.027 * sd_ln,
            log10_p10=mean - 0.557 * sd_ln,
            log10_p90=mean + 0.557 * sd_ln,
            sd_ln=sd_ln,
            reliable=np.ones(layers + 1, np.bool_),
        ),
        phase=Phase("ordered", 0.0, 0.0, 0.333, 0.91) if side == "a" else Phase("critical", 0.0, 0.0, 1.0, np.inf),
        trainable_depth=TrainableDepth(TRAINABLE, 13 if side == "a" else 421, None),
        critical_gain=1.732 if side == "a" else 1.0,
        is_stable=True,
        preserving_gain=1.951 if side == "a" else 1.127,
    )


def plane(experiment: Experiment, axes: Axes, size: tuple[int, int], *_work: object, place: None) -> GridResult:
    plan = plan_grid(experiment, axes, *size)
    x, layers = np.array(plan.x_values), np.array(plan.y_values)[:, None]

    def kept(best: float) -> Floats:
        """Gradients are kept at the gain `best`."""
        return -layers * abs(x - best) / (x + best) - 0.013

    return GridResult(plan, np.ones(plan.shape, np.bool_), kept(1.732), kept(1.0))


def train(
    experiment: Experiment, settings: TrainingSettings, _data: Dataset, *_work: object, place: None
) -> TrainingResult:
    return TrainingResult(experiment, settings, 0.1, *Pair.of(lambda side: trained(experiment, settings, side)))


def trained(experiment: Experiment, settings: TrainingSettings, side: Side) -> MethodTraining:
    """Method a hardly learns, b does."""
    steps = np.arange(STEPS_RECORDED + 1) * settings.steps // STEPS_RECORDED
    done = steps / settings.steps
    learned = (0.117 if side == "a" else 0.871) * done / (done + 0.093)
    runs, layers = np.arange(experiment.runs)[:, None], np.arange(experiment.layers + 1)
    by_run = learned * (1 + 0.17 * scattered(runs, np.arange(len(steps)), side == "b"))
    gradient = mean_log10_gradient(experiment.layers, side) + 0.47 * by_run[..., None] - 0.531
    return MethodTraining(
        name=experiment.methods[side].name,
        rate=0.3 if side == "a" else 0.1,
        search=RateSearch(RATES, (2.31, 2.27, 2.19 if side == "a" else 0.41, 2.03, 2.87, np.inf), 200, 1),
        steps=steps,
        curves=Curves(
            accuracy=without_nan(0.1 + by_run),
            loss=without_nan(2.303 * (1.013 - by_run)),
            log10_gradient=without_nan(gradient),
            log10_spread=without_nan(gradient + 0.121),
            saturated=without_nan(0.031 * (1 + by_run[..., None]) * (1 + layers[1:])),
            log10_gradient_ratio=without_nan(gradient - 1.317),
            log10_update_ratio=without_nan(gradient - 2.117),
        ),
        chance=0.1,
        diverged_at=(None,) * experiment.runs,
        final_loss=tuple((2.303 * (1.013 - by_run[:, -1])).tolist()),
    )


def tried(_: Remedy) -> float:
    """What every remedy leads to."""
    return -0.5

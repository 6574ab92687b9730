"""What a pane draws: one network, or several side by side, layer by layer, as plain arrays.

Whatever has layers is drawn by making it into `Layers`: runs, a checkpoint's chain, theory and a training are, below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow.engine.preactivations import HISTOGRAM_RANGE
from tui_initflow.engine.results import MethodResult
from tui_initflow.findings import wording
from tui_initflow.findings.intervals import Band, Floats, band, band_of_known
from tui_initflow.findings.notation import scientific
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.functions.activations import Activation
from tui_initflow.model.initialisers import Initialiser, Shape, equalities
from tui_initflow.model.number_formats import NO_FORMAT, NUMBER_FORMATS, NumberFormat
from tui_initflow.model.pair import SIDES, Side
from tui_initflow.theory.outlook import Outlook, Theory
from tui_initflow.theory.prediction import Prediction

if TYPE_CHECKING:
    from tui_initflow.checkpoints.chain import Propagated
    from tui_initflow.training.results import Masked, TrainingResult

MEDIAN_ERROR = math.sqrt(math.pi / 2)
"""Standard error of a median over that of a mean, for a normal distribution."""

Weights = tuple[tuple[str, ...], str]
"""Numbers of the last layer's, the most telling first, and where they come from."""


@dataclass(frozen=True, slots=True, eq=False)
class Distributions:
    """What the neurons of each unit sum up: the mean magnitude and the deviation (units,), nan if not measured.

    `histogram` (units, bins) counts in equal bins from `low` to `high`; `outside` (units,) is the share beyond them.
    """

    mean_abs: Floats
    std: Floats
    outside: Floats
    histogram: NDArray[Any]
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """Theory's gradient, log10 (points,), and what is said of it.

    `limit` is that of infinite width; `spread` the median and deciles at this width, nan where they are not reliable.
    """

    limit: Floats
    spread: Band
    remark: str


@dataclass(frozen=True, slots=True, eq=False)
class LayerSeries:
    """One network by layer; None, and nan within an array, is what was not measured.

    `gradient` is log10 (points,); -inf is an exact zero. `share` (units,) is of the neurons that are flat or of what a
    number format loses, which `lost` tells in a sentence. `weights` are numbers of the last layer's, the most telling
    first, and `origin` says where they come from. What only training knows is log10: the deviations of the gradient
    (points,), and those of the weights' gradient over those of the weights (units,).
    """

    name: str
    gradient: Band
    share: Band | None = None
    z: Distributions | None = None
    predicted: Predicted | None = None
    lost: str = ""
    weights: tuple[str, ...] = ()
    origin: str = ""
    spread: Band | None = None
    gradient_ratio: Band | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Layers:
    """One or two networks of the same layers.

    `points` name where gradients are measured, from the first layer to the output, and `units` the layers that have
    weights and neurons: the gradient at point i is that of what unit i sums up, written `symbol`. Medians and deciles
    are over `runs`. `share` is a heading for the shares, and what they are; `note` is to be told with the rest.
    """

    points: tuple[str, ...]
    units: tuple[str, ...]
    series: tuple[LayerSeries, ...]
    runs: int = 1
    symbol: str = "z"
    share: tuple[str, str] = ("", "")
    number_format: NumberFormat | None = None
    note: str = ""

    @property
    def sides(self) -> tuple[tuple[Side, LayerSeries], ...]:
        """The series, each with the colour and the line that it is drawn with."""
        return tuple(zip(SIDES[: len(self.series)], self.series, strict=True))

    def places(self, labels: Sequence[str]) -> Floats:
        """Where labels of points or units stand among them all."""
        order = {label: place for place, label in enumerate(dict.fromkeys((*self.points, *self.units)))}
        return np.array([order[label] for label in labels], dtype=np.float64)


def of_runs(summary: Summary) -> Layers:
    """Both methods of an experiment, with what theory predicts if it is known."""
    experiment = summary.experiment
    share = _share(experiment.network.activation, wording.flatness(experiment))
    if experiment.format != NO_FORMAT:
        share = ("lost", f"gradient elements that become 0 or overflow in {experiment.format}")

    def one(side: Side) -> LayerSeries:
        method, outlook = summary.methods[side], None if summary.theory is None else summary.theory.outlooks[side]
        weights = _weights(method.method.initialiser, experiment.network.shapes)
        return _measured(method.name, method, method.band, summary.runs, outlook, weights)

    return Layers(
        points=_numbered(0, experiment.layers),
        units=_numbered(1, experiment.layers),
        series=tuple(map(one, SIDES)),
        runs=summary.runs,
        symbol=wording.symbol(experiment),
        share=share,
        number_format=NUMBER_FORMATS.get(experiment.format),
    )


def of_chain(propagated: Propagated, activation: Activation, theory: Theory | None) -> Layers:
    """A checkpoint's weights, whose inputs stand for runs; beside them fresh draws of b, if its size is drawn."""
    method, chain, runs = propagated.method, propagated.chain, len(propagated.method.log10_gradient)
    of_file, of_b = (None, None) if theory is None else theory.outlooks
    last = chain.links[-1]
    weights: Weights = ((f"σ_w² {last.sigma_w2:.3g}", f"std {last.std:.3g}"), "a checkpoint")
    series = [_measured(method.name, method, band(method.log10_gradient), runs, of_file, weights)]
    if propagated.experiment is not None and propagated.fresh is not None:
        b, fresh = propagated.experiment.methods.b, propagated.fresh
        weights = _weights(b.initialiser, chain.shapes)
        series.append(_measured(b.label, fresh, band(fresh.log10_gradient), runs, of_b, weights))
    return Layers(
        points=_numbered(0, len(chain.links)),
        units=_numbered(1, len(chain.links)),
        series=tuple(series),
        runs=runs,
        share=_share(activation, "|f'(z)| < 0.1"),
        note="" if propagated.note is None else f"There is {propagated.note}.",
    )


def of_theory(theory: Theory) -> Layers:
    """Predictions alone: medians and deciles at this width; where these are not reliable, those of infinite width."""
    series = []
    for method, outlook in zip(theory.experiment.methods, theory.outlooks, strict=True):
        prediction = outlook.prediction
        spread = _reliable(prediction)
        median = np.where(prediction.reliable, spread.median, prediction.log10_gradient)
        series.append(LayerSeries(method.label, spread._replace(median=median)))
    layers = theory.experiment.layers
    return Layers(points=_numbered(0, layers), units=_numbered(1, layers), series=tuple(series))


def of_training(result: TrainingResult, at: int) -> Layers:
    """Both methods at one of the recorded steps, over the runs that have not diverged; the last unit reads out."""
    layers = result.experiment.layers

    def spread(values: Masked) -> Band:
        return band_of_known(values[:, at])

    def one(side: Side) -> LayerSeries:
        curves, method = result.methods[side].curves, result.experiment.methods[side]
        # the read-out has no neurons that could be flat
        share = Band(*(np.append(part, np.nan) for part in spread(curves.saturated)))
        return LayerSeries(
            name=method.label,
            gradient=spread(curves.log10_gradient),
            share=share,
            spread=spread(curves.log10_spread),
            gradient_ratio=spread(curves.log10_gradient_ratio),
        )

    return Layers(
        points=_numbered(0, layers),
        units=_numbered(1, layers + 1),
        series=tuple(map(one, SIDES)),
        runs=len(result.a.final_accuracy),
        share=_share(result.experiment.network.activation, "|f'| < 0.1"),
    )


def _numbered(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"L{layer}" for layer in range(first, last + 1))


def _share(activation: Activation, flatness: str) -> tuple[str, str]:
    word = activation.flat_word
    return "sat." if word == "saturated" else word, f"neurons with {flatness}"


def _weights(initialiser: Initialiser, shapes: Sequence[Shape]) -> Weights:
    """The numbers of weights that an initialiser draws for the last layer, and its other names."""
    shape, mean = shapes[-1], initialiser.mean(shapes[-1])
    numbers = [f"σ_w² {initialiser.sigma_w2(shape):.3g}", f"std {initialiser.std(shape):.3g}"]
    if mean:
        numbers.append(f"mean {mean:.3g}")
    elif math.isfinite(initialiser.bound(shape)):
        numbers.append(f"bound {initialiser.bound(shape):.3g}")
    return tuple(numbers), equalities(initialiser, shapes) or initialiser.source


def _measured(
    name: str,
    result: MethodSummary | MethodResult,
    spread: Band,
    runs: int,
    outlook: Outlook | None,
    weights: Weights,
) -> LayerSeries:
    z, elements, prediction = result.preactivation, result.elements, None
    if outlook is not None:
        remark = f"{wording.phase(outlook)} · {_residual(outlook.prediction, spread.median, runs)}"
        prediction = Predicted(outlook.prediction.log10_gradient, _reliable(outlook.prediction), remark)
    share = z.saturated if elements is None else elements.lost
    # over all runs together, without deciles
    unknown = np.full(len(share), np.nan)
    return LayerSeries(
        name=name,
        gradient=spread,
        share=Band(share, unknown, unknown),
        z=Distributions(z.mean_abs, z.std, (z.below + z.above) / z.count, z.histogram, *HISTOGRAM_RANGE),
        predicted=prediction,
        lost="" if elements is None else wording.lost_elements(elements),
        weights=weights[0],
        origin=weights[1],
    )


def _reliable(prediction: Prediction) -> Band:
    """The median at this width and its deciles, nan where they are not reliable."""
    columns = (prediction.log10_median, prediction.log10_p10, prediction.log10_p90)
    return Band(*(np.where(prediction.reliable, column, np.nan) for column in columns))


def _residual(prediction: Prediction, measured: Floats, runs: int) -> str:
    """How far the predicted median is from the measured one, at L0 and where it is furthest off."""
    if prediction.reason is not None:
        return f"no prediction: {prediction.reason}"
    if np.isneginf(measured[:-1]).all():
        return "every measured median is 0"
    reliable = prediction.reliable[:-1]
    if not np.any(reliable):
        at = _percent(float(prediction.log10_gradient[0] - measured[0]))
        return f"prediction unreliable: {prediction.note}; infinite width {at} at L0"
    off = np.where(reliable, prediction.log10_median[:-1] - measured[:-1], np.nan)
    worst = int(np.nanargmax(np.abs(off)))
    error = MEDIAN_ERROR * float(prediction.sd_ln[worst]) / math.sqrt(runs)
    text = f"at worst {_percent(float(off[worst]))} at L{worst} (sampling error ±{error:.1%})"
    if math.isfinite(off[0]) and worst:
        text = f"{_percent(float(off[0]))} at L0, {text}"
    doubt = "" if reliable.all() else f"; unreliable where unmarked: {prediction.note}"
    return f"prediction off by {text}{doubt}"


def _percent(log10: float) -> str:
    """A factor as a signed difference in percent, or as a factor where it is large."""
    if not math.isfinite(log10):
        return scientific(log10)
    if abs(log10) > 1:
        return f"×{scientific(log10, 1)}"
    return f"{10**log10 - 1:+.1%}"

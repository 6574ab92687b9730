"""Runs: how both methods' gradients end, layer by layer and run by run, why, and what theory says of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tui_initflow.charts.description import evenly_spread
from tui_initflow.engine.gradient_elements import ElementCounts
from tui_initflow.engine.results import MethodResult
from tui_initflow.export.data import Json, Number, columns, ends, finite, numbers, settings_of, share
from tui_initflow.export.schemas.runs import RUN_LINE
from tui_initflow.findings import wording
from tui_initflow.findings.intervals import band, mean, mean_interval
from tui_initflow.findings.notation import percent, scientific
from tui_initflow.findings.status import AtPoint, by_point
from tui_initflow.findings.summary import MethodSummary, Summary
from tui_initflow.lab.simulations import Findings
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.pair import SIDES, Side
from tui_initflow.pages.parts import Chart, Code, Heading, Lines, Passage, Sentence, Table, Title

if TYPE_CHECKING:
    from tui_initflow.findings.layers import Layers

MOST_ROWS = 21
"""Points of a deep network in a table, or told."""
CHART_ROWS, RUNS_ROWS = 20, 14
LARGEST_FACTOR = 308
"""log10 of factors that are not written out."""
RUN_FIELDS = tuple(RUN_LINE["properties"])
"""One run, numbered from 1 as in the charts: both final gradients, and b's over a's."""


def as_json(found: Findings) -> Mapping[str, Json]:
    results, ratio = found.results, found.results.log10_ratio
    return {
        "settings": settings_of(results.experiment.with_(runs=results.runs)),
        **{side: _method(found, side) for side in SIDES},
        "comparison": {
            "log10_ratio": {"mean": finite(mean(ratio)), "ci95": ends(mean_interval(ratio))},
            "outcome": wording.outcome(found.summary),
            **{f"{side}_wins": share(found.summary.larger[side]) for side in SIDES},
        },
    }


def _method(found: Findings, side: Side) -> Mapping[str, Json]:
    result = found.results.methods[side]
    by_layer = _statistics(result)
    return {
        "name": result.name,
        "sampler": found.results.experiment.methods[side].sampler,
        "log10_gradient": by_layer["log10_gradient"],
        "log10_final": numbers(result.log10_final),
        "preactivation": by_layer["preactivation"],
        **lost_in_format(result.elements),
    }


def lost_in_format(elements: ElementCounts | None) -> Mapping[str, Json]:
    """What the number format loses by layer, and of all layers without and with the best loss scale."""
    if elements is None:
        return {}
    lost: Mapping[str, Json] = {
        "name": elements.format.name,
        **_of_elements(elements),
        "log2_loss_scale": elements.best_scale,
        "lost": elements.lost_with(0),
        "lost_with_loss_scale": elements.lost_with(elements.best_scale),
    }
    return {"format": lost}


def _statistics(result: MethodResult) -> Mapping[str, dict[str, Sequence[Number]]]:
    """Each statistic as a list, beside a list of its layers.

    log10 gradients, at the points L0 … L{L}, are taken over the runs, and their mean is the geometric one;
    pre-activations are those of the hidden layers 1 … L. Elements of the gradient are counted in a number format only.
    """
    points = range(result.log10_gradient.shape[1])
    spread = columns(band(result.log10_gradient), "median", "p10", "p90")
    geometric_mean = numbers(np.mean(result.log10_gradient, axis=0))
    of_z = columns(result.preactivation, "mean_abs", "std", "saturated")
    statistics: dict[str, dict[str, Sequence[Number]]] = {
        "log10_gradient": {"layer": list(points), **spread, "mean": geometric_mean},
        "preactivation": {"layer": list(points[1:]), **of_z},
    }
    return statistics if result.elements is None else {**statistics, "format": _of_elements(result.elements)}


def _of_elements(elements: ElementCounts) -> dict[str, Sequence[Number]]:
    """Shares of the gradient elements that are not exactly 0, at the points L0 … L{L-1}."""
    counts = {"zero": elements.flushed, "subnormal": elements.subnormal, "overflow": elements.overflowed}
    shares = {name: numbers(count / np.maximum(elements.nonzero, 1)) for name, count in counts.items()}
    return {"layer": list(range(len(elements.nonzero))), **shares}


def lines(found: Findings, done: int = 0) -> Iterator[Mapping[str, Json]]:
    """An object for each run, without the first `done`."""
    return (dict(zip(RUN_FIELDS, row, strict=True)) for row in _runs(found, done))


def rows_by_run(found: Findings) -> Iterator[Iterable[object]]:
    yield RUN_FIELDS
    yield from _runs(found)


def _runs(found: Findings, done: int = 0) -> Iterator[tuple[int, Number, Number, Number]]:
    results = found.results
    of_runs = (results.a.log10_final, results.b.log10_final, results.log10_ratio)
    rows = zip(*(column[done:].tolist() for column in of_runs), strict=True)
    return ((run, finite(a), finite(b), finite(ratio)) for run, (a, b, ratio) in enumerate(rows, done + 1))


def rows(found: Findings) -> Iterator[Iterable[object]]:
    """One for each method, statistic and layer."""
    yield "side", "method", "layer", "statistic", "value"
    # `side` tells two equal methods apart
    for side in SIDES:
        result = found.results.methods[side]
        for group, statistics in _statistics(result).items():
            layers = statistics.pop("layer")
            for name, values in statistics.items():
                for layer, value in zip(layers, values, strict=True):
                    yield side, result.name, layer, f"{group}.{name}", value


def summary(found: Findings) -> Iterator[Passage]:
    of = found.summary
    yield [Title(wording.long_title(of.experiment))]
    gradients, ratio = verdict(of)
    yield gradients
    lost = (f"{m.name}: {wording.lost_elements(m.elements)}" for m in of.methods if m.elements is not None)
    yield [*ratio, *map(Sentence, lost)]
    yield [Lines(_layers(of))]


def charts(found: Findings) -> Iterator[Passage]:
    from tui_initflow.findings.layers import of_runs
    from tui_initflow.pages.runs import finals

    of = found.summary
    yield [Title(wording.long_title(of.experiment))]
    yield from ([chart] for chart in by_layer(of_runs(of)))
    if of.runs > 1:
        yield [Chart(partial(finals, of), RUNS_ROWS)]
    yield from verdict(of)


def by_layer(of: Layers) -> tuple[Chart, Chart]:
    """The gradient and the pre-activations at every layer."""
    from tui_initflow.pages.gradient import gradient
    from tui_initflow.pages.layers import histograms

    return (
        Chart(partial(gradient, of), CHART_ROWS, "Gradient by layer"),
        Chart(partial(histograms, of), CHART_ROWS, "Pre-activations"),
    )


def verdict(of: Summary) -> tuple[Passage, Passage]:
    """Both final gradients; their ratio, and how often each gradient is the larger."""
    width = max(len(method.name) for method in of.methods)
    gradients = (f"  {method.name:<{width}}  {scientific(method.final)}" for method in of.methods)
    ratio = [Sentence(f"Ratio {wording.ratio(of)}: {wording.badge(of)}")]
    if of.runs > 1:
        ratio.append(Sentence(wording.by_run(of)))
    return [Sentence(f"{wording.FINAL}, {wording.basis(of.runs)}:"), *map(Sentence, gradients)], ratio


def _layers(of: Summary) -> Sequence[str]:
    """Both methods side by side: median gradient, its factor to the next point, share of flat neurons."""
    points = of.experiment.layers + 1
    shown = evenly_spread(points, MOST_ROWS)
    heading = f"{wording.MEDIAN:>10} {'factor':>7} {of.experiment.network.activation.flat_word:>9}"
    cells = [_layer_cells(method) for method in of.methods]
    return [
        "       " + "  ".join(f"{method.name:<28.28}" for method in of.methods),
        f"layer {heading}  {heading}",
        *(f"{f'L{point}':<5} " + "  ".join(column[point] for column in cells) for point in shown),
        *omitted(shown, points, "--csv"),
    ]


def _rows(method: MethodSummary) -> Sequence[AtPoint]:
    return by_point(method.band.median.tolist(), method.preactivation.saturated.tolist())


def _layer_cells(method: MethodSummary) -> Sequence[str]:
    return [
        f"{scientific(at.gradient):>10} {f'{10**at.factor:.3f}' if at.factor < LARGEST_FACTOR else '-':>7} "
        f"{'-' if math.isnan(at.share) else percent(at.share):>9}"
        for at in _rows(method)
    ]


def omitted(shown: Sequence[int], points: int, option: str) -> Sequence[str]:
    """The line that says how to get every point, where a table leaves some out."""
    return [f"{len(shown)} of {points} points; {option} lists them all"] if len(shown) < points else []


def report(found: Findings) -> Iterator[Passage]:
    from tui_initflow.findings.advice import advise
    from tui_initflow.findings.layers import of_runs
    from tui_initflow.findings.snippets import command_line
    from tui_initflow.pages.runs import finals
    from tui_initflow.pages.why import explained

    of = found.summary
    experiment, (a, b) = of.experiment, of.methods
    yield [Title(f"{a.name} vs {b.name}")]
    yield [settings_table(experiment)]
    yield [Sentence(f"{wording.ratio(of)}: {wording.badge(of)}.", "strong"), Sentence(f"{wording.by_run(of)}.")]
    yield [Table((wording.FINAL, a.name, b.name), wording.averages(of))]
    gradient, preactivations = by_layer(of_runs(of))
    yield [gradient]
    header = ("point", f"{a.name} {wording.MEDIAN}", "10-90%", f"{b.name} {wording.MEDIAN}", "10-90%")
    points = range(experiment.layers + 1)
    yield [Table(header, [(f"L{point}", *_cells(a, point), *_cells(b, point)) for point in points])]
    yield [preactivations]
    yield [Chart(partial(finals, of), RUNS_ROWS, "Runs")]
    shown, checked = explained(of)
    yield [Heading("Why")]
    yield from ([sentence] for sentence in shown)
    yield checked
    yield [Heading("Theory and advice")]
    for method, outlook in zip(of.methods, found.theory.outlooks, strict=True):
        advice, prediction = advise(experiment, method, outlook), outlook.prediction
        theory = f"{wording.phase(outlook)}; {wording.trainable_depth(outlook)}; {advice.remedy}."
        median = float(prediction.log10_median[0])
        if prediction.reason is not None:
            predicted = f"No prediction: {prediction.reason}."
        elif math.isnan(median):
            predicted = f"Predicted mean at L0, at infinite width: {scientific(float(prediction.log10_gradient[0]))}."
        else:
            doubt = "" if prediction.reliable[0] else f" (unreliable: {prediction.note})"
            predicted = f"Predicted median at L0: {scientific(median)}{doubt}."
        yield [Sentence(f"{method.name}:", "strong"), Sentence(theory), Sentence(predicted)]
        yield [Code(advice.pytorch, "python")]
    yield [Heading("Reproduce")]
    yield [Code(command_line(experiment, "run"), "sh")]


def _cells(method: MethodSummary, point: int) -> tuple[str, str]:
    median, low, high = (scientific(float(values[point])) for values in method.band)
    return median, f"{low} to {high}"


def settings_table(
    experiment: Experiment, ranges: Mapping[str, str] | None = None, others: Sequence[tuple[str, str]] = ()
) -> Table:
    """All settings that apply, and `others`; `ranges` are those that vary."""
    ranges, replaced = ranges or {}, ("widths",) if experiment.widths is None else SIZES
    rows = [
        (setting.label, ranges.get(name) or setting.kind.write(setting.of(experiment)))
        for name, setting in SETTINGS.items()
        if name in ranges or (name not in replaced and setting.is_written(setting.of(experiment)))
    ]
    return Table(("setting", "value"), [*rows, *others])


def told(of: Summary) -> Iterator[Sentence]:
    """For a listener: the verdict, what it is made of, and how certain that is."""
    yield Sentence(wording.outcome(of))
    for method in of.methods:
        yield Sentence(f"{method.name}: {scientific(method.final)} of the gradient is left at L0")
    yield Sentence(f"Measured: {wording.basis(of.runs)}")
    yield Sentence(f"Ratio: {wording.ratio(of)}")
    if of.runs > 1:
        yield Sentence(wording.by_run(of))
    yield from (Sentence(wording.lost_elements(m.elements)) for m in of.methods if m.elements is not None)


def told_by_layer(of: Summary) -> Iterator[Sentence]:
    """For a listener: every layer, or evenly spread ones, from the first layer to the output."""
    word, points = of.experiment.network.activation.flat_word, of.experiment.layers + 1
    yield Sentence("Median gradients follow, from the first layer to the output")
    for point in evenly_spread(points, MOST_ROWS):
        for method in of.methods:
            at = _rows(method)[point]
            share = "" if math.isnan(at.share) else f", {percent(at.share)} of the neurons {word}"
            yield Sentence(f"L{point}, {method.name}: {scientific(at.gradient)}, {at.status}{share}")

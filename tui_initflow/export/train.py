"""Training: what both methods' networks learned on data. Losses and accuracies are numbers, other magnitudes log10."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tui_initflow.charts.cells import Picture
from tui_initflow.charts.description import evenly_spread
from tui_initflow.charts.palette import Palette
from tui_initflow.export.data import Json, Number, columns, numbers, settings_of
from tui_initflow.export.run import settings_table
from tui_initflow.findings.intervals import band_of_known
from tui_initflow.findings.learning import learning_claims, verdict
from tui_initflow.findings.notation import percent, scientific
from tui_initflow.findings.snippets import training_command
from tui_initflow.findings.wording import long_title
from tui_initflow.model.pair import SIDES
from tui_initflow.model.training import TRAINING_SETTINGS, TrainingSettings
from tui_initflow.pages.parts import Chart, Code, Heading, Lines, Part, Passage, Sentence, Title
from tui_initflow.training.results import MethodTraining, TrainingResult

MOST_STEPS = 12
"""Rows of the table of steps."""
CHART_ROWS, CHART_WIDTH = 12, 40
"""Size of each chart; as many as fit stand side by side."""


def as_json(result: TrainingResult) -> Mapping[str, Json]:
    return {
        "settings": {**settings_of(result.experiment), **settings_of_training(result.settings)},
        **{side: _method(result.methods[side]) for side in SIDES},
        "chance": result.chance,
    }


def settings_of_training(settings: TrainingSettings) -> Mapping[str, Json]:
    written = {name: getattr(settings, name) for name in TRAINING_SETTINGS}
    return {**written, "batch": settings.batch_size}


def _method(training: MethodTraining) -> Mapping[str, Json]:
    curves, found = training.curves, training.search
    gradient = band_of_known(curves.log10_gradient).median
    update = band_of_known(curves.log10_update_ratio).median
    return {
        "name": training.name,
        "lr": training.rate,
        "search": found
        and {"lr": list(found.rates), "loss": numbers(np.array(found.loss)), "steps": found.steps, "runs": found.runs},
        "step": training.steps.tolist(),
        **{name: _spread(training, name) for name in ("loss", "accuracy")},
        "final_accuracy": list(training.final_accuracy),
        "diverged_at": list(training.diverged_at),
        "steps_to_90": list(training.steps_to_90),
        "log10_gradient": {"before": numbers(gradient[0]), "after": numbers(gradient[-1])},
        "log10_update_ratio": {
            "layer": list(range(1, update.shape[1] + 1)),
            "step": training.steps.tolist(),
            "values": [numbers(row) for row in update],
        },
    }


def _spread(training: MethodTraining, name: str) -> Mapping[str, Sequence[Number]]:
    return columns(band_of_known(getattr(training.curves, name)), "median", "p10", "p90")


def lines(result: TrainingResult, done: int = 0) -> Iterator[Mapping[str, Any]]:
    """The medians of both methods at each recorded step, without the first `done` of them."""
    medians = {
        f"{name}_{side}": _spread(result.methods[side], name)["median"]
        for name in ("loss", "accuracy")
        for side in SIDES
    }
    for point, step in list(enumerate(result.a.steps.tolist()))[done:]:
        yield {"step": step, **{name: column[point] for name, column in medians.items()}}


def rows(result: TrainingResult) -> Iterator[Iterable[object]]:
    """One for each method, statistic, recorded step and layer, which is empty if it is of none."""
    yield "side", "method", "step", "layer", "statistic", "value"
    for side in SIDES:
        training = result.methods[side]
        steps = training.steps.tolist()
        for name in ("loss", "accuracy"):
            for statistic, column in _spread(training, name).items():
                for step, value in zip(steps, column, strict=True):
                    yield side, training.name, step, "", f"{name}.{statistic}", value
        for name, first in (("log10_gradient", 0), ("saturated", 1), ("log10_update_ratio", 1)):
            medians = band_of_known(getattr(training.curves, name)).median
            for step, row in zip(steps, medians, strict=True):
                for layer, value in enumerate(numbers(row), first):
                    yield side, training.name, step, layer, f"{name}.median", value


def summary(result: TrainingResult) -> Iterator[Passage]:
    yield [Title(long_title(result.experiment))]
    yield [*map(Sentence, verdict(result))]
    yield [Lines([*_steps(result)])]
    yield [Lines([*_gradients(result)])]


def _steps(result: TrainingResult) -> Iterator[str]:
    """Loss and accuracy at some of the steps."""
    pairs = "  ".join(f"{method.label:<19.19}" for method in result.experiment.methods)
    heading = f"{'loss':>9} {'accuracy':>9}"
    yield f"{'':>6}  {pairs}"
    yield f"{'step':>6}  {heading}  {heading}"
    recorded = list(lines(result))
    for row in (recorded[index] for index in evenly_spread(len(recorded), MOST_STEPS)):
        cells = (f"{_loss(row[f'loss_{side}']):>9} {_share(row[f'accuracy_{side}']):>9}" for side in SIDES)
        yield f"{row['step']:>6}  {'  '.join(cells)}"


def _loss(value: Number) -> str:
    return "-" if value is None else f"{value:.3g}"


def _share(value: Number) -> str:
    return "-" if value is None else percent(value)


def _gradients(result: TrainingResult) -> Iterator[str]:
    """The gradient at the first layer, before and after."""
    yield "Gradient at L0 of the loss, median: before, after"
    for side in SIDES:
        gradient = band_of_known(result.methods[side].curves.log10_gradient).median[[0, -1], 0]
        before, after = ("-" if np.isnan(value) else scientific(float(value)) for value in gradient)
        yield f"  {result.experiment.methods[side].label:<20} {before:>9} {after:>9}"


def charts(result: TrainingResult) -> Iterator[Passage]:
    from tui_initflow.pages.train import how_to_read, sentences

    def with_samples(width: int, _height: int, palette: Palette) -> Picture:
        return sentences(result, width, palette)

    yield [Title(long_title(result.experiment))]
    yield [Chart(with_samples, 0)]
    yield [_curves(result)]
    yield [Sentence(how_to_read(result), "muted")]
    yield [*learning_claims(result)]


def _curves(result: TrainingResult) -> Chart:
    from tui_initflow.pages.train import arranged, charts

    def draw(width: int, height: int, palette: Palette) -> Picture:
        return arranged(charts(result), max(1, width // CHART_WIDTH), width, height, palette)

    return Chart(draw, CHART_ROWS)


def report(result: TrainingResult) -> Iterator[Passage]:
    from tui_initflow.pages.train import how_to_read

    experiment = result.experiment
    a, b = experiment.methods
    yield [Title(f"{a.label} vs {b.label}: training")]
    others = [(of.label, of.kind.write(getattr(result.settings, name))) for name, of in TRAINING_SETTINGS.items()]
    yield [settings_table(experiment, others=others)]
    yield from ([Sentence(sentence, "strong")] for sentence in verdict(result))
    yield [_curves(result)]
    yield [Sentence(how_to_read(result))]
    yield [*learning_claims(result)]
    yield [Heading("Reproduce")]
    yield [Code(training_command(experiment, result.settings), "sh")]


def told(result: TrainingResult) -> Iterator[Part]:
    """For a listener: whether both methods learn, and what that says of the gradient before."""
    yield from map(Sentence, verdict(result))
    yield from learning_claims(result)

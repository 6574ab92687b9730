"""The report: everything about a set of runs or a sweep, as Markdown to read, send and cite."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterable, Sequence

import numpy as np

from tui_initflow import __version__
from tui_initflow.charts.cells import Picture
from tui_initflow.charts.encode import to_plain
from tui_initflow.charts.palette import DARK
from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepResult
from tui_initflow.export import movement
from tui_initflow.export.checkpoints import markdown_lines
from tui_initflow.findings import wording
from tui_initflow.findings.advice import advise, explanation
from tui_initflow.findings.claims import Claim, claims
from tui_initflow.findings.inspection import Inspection
from tui_initflow.findings.intervals import band, mean_interval
from tui_initflow.findings.layers import of_runs
from tui_initflow.findings.learning import learning_claims, verdict
from tui_initflow.findings.movement import Movement
from tui_initflow.findings.notation import factor, scientific
from tui_initflow.findings.snippets import command_line, training_command
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.findings.summary import MethodSummary, Summary, summarise
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.training import TRAINING_SETTINGS, TrainingSettings
from tui_initflow.pages.gradient import gradient
from tui_initflow.pages.preactivations import histograms
from tui_initflow.pages.runs import finals
from tui_initflow.pages.sweeps import sweep
from tui_initflow.pages.train import arranged, charts, how_to_read
from tui_initflow.story.outcome import Story
from tui_initflow.story.page import picture
from tui_initflow.theory.outlook import Outlook, theory_of
from tui_initflow.training.results import TrainingResult

WIDTH = 96
"""Columns of the charts."""
CHART_ROWS, RUNS_ROWS, TRAINING_ROWS = 22, 16, 14
VERSIONS = f"tui-initflow {__version__}, numpy {np.__version__}, Python {platform.python_version()}"


def to_markdown(result: Results | SweepResult | TrainingResult | Inspection | Movement | Story) -> str:
    match result:
        case SweepResult():
            parts = _sweep(result)
        case TrainingResult():
            parts = _training(result)
        case Story():
            parts = _story(result)
        case Results():
            parts = _run(summarise(result))
        case Inspection():
            parts = _inspection(result)
        case Movement():
            parts = ["\n".join(movement.markdown_lines(result))]
    return "\n\n".join([*parts, VERSIONS]) + "\n"


def _run(summary: Summary) -> list[str]:
    experiment = summary.experiment
    a, b = summary.methods
    outlooks, layers = theory_of(experiment, TRAINABLE).outlooks, of_runs(summary)
    return [
        f"# {a.name} vs {b.name}",
        _settings(experiment),
        _verdict(summary),
        "## Gradient by layer",
        _chart(gradient(layers, WIDTH, CHART_ROWS, DARK)),
        _layers(summary),
        "## Pre-activations",
        _chart(histograms(layers, WIDTH, CHART_ROWS, DARK)),
        "## Runs",
        _chart(finals(summary, WIDTH, RUNS_ROWS, DARK)),
        "## Why",
        *explanation(summary),
        _claims(claims(summary)),
        "## Theory and advice",
        _advice(experiment, a, outlooks.a),
        _advice(experiment, b, outlooks.b),
        "## Reproduce",
        f"```sh\n{command_line(experiment, 'run')}\n```",
    ]


def _inspection(inspection: Inspection) -> list[str]:
    parts = ["\n".join(markdown_lines(inspection))]
    layers = inspection.layers
    if layers is not None:
        parts += ["## Gradient by layer", _chart(gradient(layers, WIDTH, CHART_ROWS, DARK))]
        parts += ["## Pre-activations", _chart(histograms(layers, WIDTH, CHART_ROWS, DARK))]
    return parts


def _sweep(result: SweepResult) -> list[str]:
    experiment, values = result.experiment, [str(point.value) for point in result.points]
    command = f"{command_line(experiment, 'sweep')} --over {result.over} --values {','.join(values)}"
    return [
        f"# {wording.sweep_title(experiment, result.over)}",
        _settings(experiment, over=result.over, values=f"{values[0]} to {values[-1]}"),
        _chart(sweep(result, experiment, None, WIDTH, CHART_ROWS, DARK)),
        _points(result),
        "## Reproduce",
        f"```sh\n{command}\n```",
    ]


def _training(result: TrainingResult) -> list[str]:
    experiment = result.experiment
    a, b = experiment.methods
    return [
        f"# {a.label} vs {b.label}: training",
        _settings(experiment, training=result.settings),
        "\n\n".join(f"**{sentence}**" for sentence in verdict(result)),
        _chart(arranged(charts(result), 2, WIDTH, TRAINING_ROWS, DARK)),
        how_to_read(result),
        _claims(learning_claims(result)),
        "## Reproduce",
        f"```sh\n{training_command(experiment, result.settings)}\n```",
    ]


def _story(story: Story) -> list[str]:
    """A hand-out: every question with its answers, then what the run says, its chart, and how to repeat it."""
    parts = ["# How it works", "Predict first, then read on: every number below is measured by a run, or by theory."]
    for number, outcome in enumerate(story.outcomes, 1):
        step = outcome.step
        answers = "\n".join(f"{i}. {answer.text}" for i, answer in enumerate(step.answers, 1))
        command = command_line(step.experiment, "run")
        if step.pane == "phase":
            command = f"{command_line(step.experiment, 'grid')} --over gain"
        if step.training is not None:
            command = training_command(step.experiment, step.training)
        parts += [
            f"## {number}. {step.title}",
            f"**{step.asked}**\n\n{answers}",
            _chart(picture(outcome, WIDTH, CHART_ROWS, DARK)),
            f"**{step.answers[outcome.right].text.capitalize()}.** {outcome.explanation}",
            f"```sh\n{command}\n```",
        ]
    return parts


def _claims(checked: Iterable[Claim]) -> str:
    return "\n".join(f"- “{claim.statement}”: **{wording.HOLDS[claim.holds]}**. {claim.measured}." for claim in checked)


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _settings(
    experiment: Experiment, over: str = "", values: str = "", training: TrainingSettings | None = None
) -> str:
    """All settings that apply; of a sweep, the one it goes over with its range."""
    replaced = ("widths",) if experiment.widths is None else SIZES
    rows = [
        (setting.label, values if name == over else setting.kind.write(getattr(experiment, name)))
        for name, setting in SETTINGS.items()
        if name == over or (name not in replaced and setting.is_written(getattr(experiment, name)))
    ]
    if training is not None:
        rows += [(of.label, of.kind.write(getattr(training, name))) for name, of in TRAINING_SETTINGS.items()]
    return _table(("setting", "value"), rows)


def _chart(picture: Picture) -> str:
    return f"```text\n{to_plain(picture, DARK)}\n```"


def _points(result: SweepResult) -> str:
    rows = []
    for point in result.points:
        spread, interval = band(point.log10_ratio), mean_interval(point.log10_ratio)
        between = f"{factor(float(spread.p10))} to {factor(float(spread.p90))}"
        rows.append((str(point.value), factor(point.mean), between, wording.factor_interval(interval)))
    return _table((result.over, f"ratio, {wording.GEOMETRIC_MEAN}", "10-90% of runs", "interval of the ratio"), rows)


def _verdict(summary: Summary) -> str:
    a, b = summary.methods
    table = _table((wording.FINAL, a.name, b.name), wording.averages(summary))
    return f"**{wording.ratio(summary)}: {wording.badge(summary)}.** {wording.wins(summary)}.\n\n{table}"


def _layers(summary: Summary) -> str:
    a, b = summary.methods
    header = ("point", f"{a.name} {wording.MEDIAN}", "10-90%", f"{b.name} {wording.MEDIAN}", "10-90%")
    points = range(summary.experiment.layers + 1)
    return _table(header, [(f"L{point}", *_cells(a, point), *_cells(b, point)) for point in points])


def _cells(method: MethodSummary, point: int) -> tuple[str, str]:
    median, low, high = (scientific(float(values[point])) for values in method.band)
    return median, f"{low} to {high}"


def _advice(experiment: Experiment, method: MethodSummary, outlook: Outlook) -> str:
    advice, prediction = advise(experiment, method, outlook), outlook.prediction
    theory = f"{wording.phase(outlook)}; {wording.trainable_depth(experiment, outlook)}; {advice.remedy}"
    median = float(prediction.log10_median[0])
    if prediction.reason is not None:
        predicted = f"No prediction: {prediction.reason}."
    elif math.isnan(median):
        predicted = f"Predicted mean at L0, at infinite width: {scientific(float(prediction.log10_gradient[0]))}."
    else:
        doubt = "" if prediction.reliable[0] else f" (unreliable: {prediction.note})"
        predicted = f"Predicted median at L0: {scientific(median)}{doubt}."
    return f"**{method.name}**: {theory}.\n{predicted}\n\n```python\n{advice.pytorch}\n```"

"""The report: everything about a set of runs, as Markdown to read, send and cite."""

from __future__ import annotations

import math
import platform

import numpy as np

from tui_initflow import __version__
from tui_initflow.charts.cells import Picture
from tui_initflow.charts.glyphs import UNICODE
from tui_initflow.charts.palette import DARK
from tui_initflow.charts.plain import to_plain
from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepResult
from tui_initflow.export.command_line import command_line
from tui_initflow.export.text import method_names, sweep_title
from tui_initflow.export.theory import budget_line, gain_line, phase_line
from tui_initflow.findings.advice import advise
from tui_initflow.findings.intervals import band, mean_interval
from tui_initflow.findings.notation import factor, percent, scientific
from tui_initflow.findings.summary import MethodSummary, Summary, summarise
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.widths import widths_text
from tui_initflow.pages.gradient import gradient
from tui_initflow.pages.preactivations import histograms
from tui_initflow.pages.runs import finals
from tui_initflow.pages.sweeps import sweep
from tui_initflow.theory.outlook import Report, report_of

WIDTH = 96
"""Columns of the charts."""
CHART_ROWS, RUNS_ROWS = 22, 16
VERSIONS = f"tui-initflow {__version__}, numpy {np.__version__}, Python {platform.python_version()}"
WORDS = {True: "holds", False: "does not hold", None: "not decided"}


def run_markdown(results: Results) -> str:
    """What `run --markdown` prints."""
    summary = summarise(results)
    experiment = results.experiment
    theory = (report_of(experiment, "a"), report_of(experiment, "b"))
    names = method_names(experiment)
    parts = [
        f"# {names[0]} against {names[1]}",
        _table(_settings(experiment, summary.runs)),
        _verdict(summary),
        "## Gradient by layer",
        _chart(gradient(summary, WIDTH, CHART_ROWS, DARK)),
        _layers(summary),
        "## Pre-activations",
        _chart(histograms(summary, WIDTH, CHART_ROWS, DARK)),
        "## Runs",
        _chart(finals(summary, WIDTH, RUNS_ROWS, DARK)),
        "## Why",
        summary.explanation,
        *(f"- “{claim.statement}”: **{WORDS[claim.holds]}**. {claim.measured}." for claim in summary.claims),
        "## Theory and advice",
        *(_theory(summary, method, report) for method, report in zip(summary.methods, theory, strict=True)),
        "## The same again",
        f"```sh\n{command_line(experiment, 'run')}\n```",
        VERSIONS,
    ]
    return "\n\n".join(parts) + "\n"


def sweep_markdown(result: SweepResult) -> str:
    """What `sweep --markdown` prints."""
    experiment, values = result.experiment, [str(point.value) for point in result.points]
    command = f"{command_line(experiment, 'sweep')} --over {result.over} --values {','.join(values)}"
    chart = sweep(experiment, result.over, result, None, WIDTH, CHART_ROWS, DARK)
    parts = [
        f"# {sweep_title(result)}",
        _table(_settings(experiment, experiment.runs) | {result.over: f"{values[0]} to {values[-1]}"}),
        _chart(chart),
        _points(result),
        "## The same again",
        f"```sh\n{command}\n```",
        VERSIONS,
    ]
    return "\n\n".join(parts) + "\n"


def _points(result: SweepResult) -> str:
    lines = [f"| {result.over} | ratio | 10-90% | 95% interval of the ratio |", "| --- | --- | --- | --- |"]
    for point in result.points:
        spread, interval = band(point.log10_ratio), mean_interval(point.log10_ratio)
        between = "none" if interval is None else f"{factor(interval.low)} to {factor(interval.high)}"
        runs = f"{factor(float(spread.p10))} to {factor(float(spread.p90))}"
        lines.append(f"| {point.value} | {factor(point.mean)} | {runs} | {between} |")
    return "\n".join(lines)


def _chart(picture: Picture) -> str:
    return f"```text\n{to_plain(picture, DARK, UNICODE)}\n```"


def _settings(experiment: Experiment, runs: int) -> dict[str, object]:
    network: dict[str, object] = {name: getattr(experiment, name) for name in ("layers", "neurons", "features")}
    if experiment.widths is not None:
        network = {"widths": widths_text(experiment.widths)}
    return network | {
        "activation": experiment.activation,
        "A": f"{experiment.a}, gain {experiment.gain_a:g}",
        "B": f"{experiment.b}, gain {experiment.gain_b:g}",
        "bias standard deviation": experiment.sigma_b,
        "backward start": experiment.start,
        "runs": runs,
        "seed": experiment.seed,
    }


def _table(settings: dict[str, object]) -> str:
    lines = [f"| {name} | {value} |" for name, value in settings.items()]
    return "\n".join(["| setting | value |", "| --- | --- |", *lines])


def _verdict(summary: Summary) -> str:
    verdict = summary.verdict
    a, b = summary.methods
    found = f"{b.name}/{a.name} {factor(verdict.log10_factor)}"
    if verdict.interval is not None:
        found += f", 95% interval {factor(verdict.interval.low)} to {factor(verdict.interval.high)}"
    wins = summary.b_wins_interval
    word = "no significant difference" if verdict.winner is None else "significant"
    rows = [
        f"| {name} | {scientific(getattr(a, field))} | {scientific(getattr(b, field))} |"
        for name, field in (
            ("geometric mean", "log10_geometric_mean"),
            ("median", "log10_median"),
            ("arithmetic mean", "log10_mean"),
        )
    ]
    return "\n".join(
        [
            f"**{found}: {word}.** {b.name} wins {percent(summary.b_wins / summary.runs)} of the runs, "
            f"95% interval {percent(wins.low)} to {percent(wins.high)}.",
            "",
            f"| gradient at the first layer | {a.name} | {b.name} |",
            "| --- | --- | --- |",
            *rows,
        ]
    )


def _layers(summary: Summary) -> str:
    a, b = summary.methods
    lines = [
        f"| point | {a.name} median | 10-90% | {b.name} median | 10-90% |",
        "| --- | --- | --- | --- | --- |",
    ]
    points = range(summary.experiment.layers + 1)
    rows = (f"| L{point} | {_cells(a, point)} | {_cells(b, point)} |" for point in points)
    return "\n".join([*lines, *rows])


def _cells(method: MethodSummary, point: int) -> str:
    spread = method.gradient
    median, low, high = (scientific(float(part[point])) for part in (spread.median, spread.p10, spread.p90))
    return f"{median} | {low} to {high}"


def _theory(summary: Summary, method: MethodSummary, report: Report) -> str:
    advice = advise(summary.experiment, method.portrait, report)
    prediction = report.prediction
    lines = [f"**{method.name}**: {phase_line(report)}; {budget_line(report)}; {gain_line(report)}."]
    median = float(prediction.log10_median[0])
    if prediction.reason is not None or math.isnan(median):
        lines.append(f"No prediction: {prediction.reason}.")
    else:
        doubt = "" if prediction.reliable[0] else f" (unreliable: {prediction.note})"
        lines.append(f"Predicted median at the first layer {scientific(median)}{doubt}.")
    return "\n".join([*lines, "", advice.sentence, "", f"```python\n{advice.torch_line}\n```"])

"""Results as a summary to read, in ASCII, for any terminal."""

from __future__ import annotations

import math

import numpy as np

from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepResult
from tui_initflow.export.values import omitted, shown_points
from tui_initflow.findings import wording
from tui_initflow.findings.intervals import mean_interval
from tui_initflow.findings.notation import factor, percent, scientific, to_ascii
from tui_initflow.findings.summary import MethodSummary, Summary, summarise


def to_text(found: object) -> str:
    """What a command prints when no format is asked for."""
    match found:
        case Results():
            lines = _run(summarise(found))
        case SweepResult():
            lines = _sweep(found)
        case _:
            # loads the theory, which runs and sweeps do without
            from tui_initflow.export.theory import lines as theory_lines

            lines = theory_lines(found)
    return to_ascii("".join(f"{line.rstrip()}\n" for line in lines))


def verdict_lines(summary: Summary) -> list[str]:
    """Both final gradients, their ratio, and who wins how often."""
    width = max(len(method.name) for method in summary.methods)
    lines = [
        f"{wording.FINAL}, {wording.basis(summary.runs)}:",
        *(f"  {method.name:<{width}}  {scientific(method.final)}" for method in summary.methods),
        "",
        f"Ratio {wording.ratio(summary)}: {wording.badge(summary)}",
    ]
    return [*lines, wording.wins(summary)] if summary.runs > 1 else lines


def _run(summary: Summary) -> list[str]:
    return [wording.long_title(summary.experiment), "", *verdict_lines(summary), "", *_layer_table(summary)]


def _sweep(result: SweepResult) -> list[str]:
    lines = [
        f"Ratio {wording.sweep_title(result.experiment, result.over)}",
        "",
        f"{result.over:>8}  {'ratio':>10}  {wording.GEOMETRIC_MEAN}",
    ]
    for point in result.points:
        interval = mean_interval(point.log10_ratio)
        lines.append(f"{point.value:>8}  {factor(point.mean):>10}  {wording.factor_interval(interval)}")
    return lines


def _layer_table(summary: Summary) -> list[str]:
    """Median gradient at a point, its factor to the next, share of flat neurons: both methods side by side."""
    points = summary.experiment.layers + 1
    shown = shown_points(points)
    word = summary.experiment.network.activation.flat_word
    heading = f"{wording.MEDIAN:>10} {'factor':>7} {word:>9}"
    columns = [_layer_columns(method) for method in summary.methods]
    lines = [
        "       " + "  ".join(f"{method.name:<28.28}" for method in summary.methods),
        f"layer {heading}  {heading}",
        *(f"{f'L{point}':<5} " + "  ".join(column[point] for column in columns) for point in shown),
    ]
    return [*lines, *omitted(shown, points, "--csv")]


def _layer_columns(method: MethodSummary) -> list[str]:
    gradient = method.band.median
    with np.errstate(invalid="ignore"):
        factors = [*10.0 ** np.diff(-gradient), math.nan]
    # the gradient at point L{k} is that of layer k + 1; the last point is the output, which has no neurons
    flat = [percent(float(share)) for share in method.preactivation.saturated] + ["-"]
    return [
        f"{scientific(float(value)):>10} {f'{step:.3f}' if math.isfinite(step) else '-':>7} {share:>9}"
        for value, step, share in zip(gradient, factors, flat, strict=True)
    ]

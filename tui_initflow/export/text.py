"""Results as a plain-text summary, in ASCII, for any terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tui_initflow.charts.axes import evenly_spread
from tui_initflow.engine.grid import GridResult
from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepResult
from tui_initflow.findings import wording
from tui_initflow.findings.intervals import mean_interval
from tui_initflow.findings.notation import counted, factor, percent, scientific
from tui_initflow.findings.summary import MethodSummary, Summary, summarise
from tui_initflow.model.initialisers import EXPRESSION, FAMILIES

if TYPE_CHECKING:
    from tui_initflow.export.listing import Listing
    from tui_initflow.findings.health import Health
    from tui_initflow.findings.inspection import Inspection
    from tui_initflow.findings.movement import Movement
    from tui_initflow.theory.outlook import Outlook, Theory
    from tui_initflow.training.results import TrainingResult

MOST_ROWS = 21
"""Rows of a table by layer."""
_ASCII = str.maketrans(
    {
        **{"σ": "sigma", "π": "pi", "√": "sqrt ", "²": "^2", "⁻": "^-", "³": "3", "±": "+/-"},
        **{"↑": "up", "↓": "down", "←": "left", "→": "right"},
        **dict(zip("…·–×“”", '.--x""', strict=True)),
    }
)


def to_text(
    result: Results | SweepResult | GridResult | Theory | Health | TrainingResult | Inspection | Movement | Listing,
) -> str:
    """What a command prints unless another format is asked for."""
    return to_ascii("".join(f"{line.rstrip()}\n" for line in _lines(result)))


def to_ascii(text: str) -> str:
    """The text with other words for the signs that reports use."""
    return text.translate(_ASCII)


def verdict_lines(summary: Summary) -> list[str]:
    """Both final gradients, their ratio, and how often each method wins."""
    width = max(len(method.name) for method in summary.methods)
    lines = [
        f"{wording.FINAL}, {wording.basis(summary.runs)}:",
        *(f"  {method.name:<{width}}  {scientific(method.final)}" for method in summary.methods),
        "",
        f"Ratio {wording.ratio(summary)}: {wording.badge(summary)}",
    ]
    return [*lines, wording.wins(summary)] if summary.runs > 1 else lines


def _lines(
    result: Results | SweepResult | GridResult | Theory | Health | TrainingResult | Inspection | Movement | Listing,
) -> list[str]:
    if isinstance(result, Results):
        return _run(summarise(result))
    if isinstance(result, SweepResult):
        return _sweep(result)
    if isinstance(result, GridResult):
        return _grid(result)
    if isinstance(result, dict):
        return _listing(result)
    # loads theory and training, which runs and sweeps do without
    from tui_initflow.findings.inspection import Inspection
    from tui_initflow.findings.movement import Movement
    from tui_initflow.theory.outlook import Theory
    from tui_initflow.training.results import TrainingResult

    if isinstance(result, Inspection):
        from tui_initflow.export.checkpoints import text_lines

        return text_lines(result)
    if isinstance(result, Movement):
        from tui_initflow.export import movement

        return movement.text_lines(result)
    if isinstance(result, TrainingResult):
        from tui_initflow.export.training import training_lines

        return training_lines(result)
    return _theory(result) if isinstance(result, Theory) else _health(result)


def _run(summary: Summary) -> list[str]:
    lost = [f"{m.name}: {wording.lost_elements(m.elements)}" for m in summary.methods if m.elements is not None]
    return [
        wording.long_title(summary.experiment),
        "",
        *verdict_lines(summary),
        *lost,
        "",
        *_layer_table(summary),
    ]


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


def _grid(result: GridResult) -> list[str]:
    """The ratio in every cell, deep networks at the bottom."""
    plan, (over, against) = result.plan, result.plan.axes
    names = wording.grid_names(plan)
    lines = [
        f"log10 of {names.b}/{names.a} at L0, {wording.basis(plan.experiment.runs)}: {over} across, {against} down",
        "",
        f"{against:>8}  " + " ".join(f"{value:>6g}" for value in plan.x_values),
    ]
    for layers, row in zip(plan.y_values, result.log10("ratio"), strict=True):
        lines.append(
            f"{layers:>8}  " + " ".join(f"{value:>6.2f}" if math.isfinite(value) else "     -" for value in row)
        )
    return lines


def _layer_table(summary: Summary) -> list[str]:
    """Both methods side by side: median gradient, its factor to the next point, share of flat neurons."""
    points = summary.experiment.layers + 1
    rows = evenly_spread(points, MOST_ROWS)
    word = summary.experiment.network.activation.flat_word
    heading = f"{wording.MEDIAN:>10} {'factor':>7} {word:>9}"
    columns = [_layer_columns(method) for method in summary.methods]
    lines = [
        "       " + "  ".join(f"{method.name:<28.28}" for method in summary.methods),
        f"layer {heading}  {heading}",
        *(f"{f'L{point}':<5} " + "  ".join(column[point] for column in columns) for point in rows),
    ]
    return [*lines, *_omitted(rows, points, "--csv")]


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


def _theory(theory: Theory) -> list[str]:
    experiment = theory.experiment
    lines: list[str] = []
    for method, outlook in zip(experiment.methods, theory.outlooks, strict=True):
        notes = (wording.gains(outlook), outlook.prediction.reason, outlook.prediction.note)
        lines += [
            f"{method.label}, {experiment.activation}: {wording.phase(outlook)}",
            f"  {wording.trainable_depth(experiment, outlook)}",
            *(f"  {note}" for note in notes if note),
            "",
            *_prediction_table(outlook),
            "",
        ]
    return lines[:-1]


def _prediction_table(outlook: Outlook) -> list[str]:
    prediction = outlook.prediction
    points = len(prediction.log10_gradient)
    rows = evenly_spread(points, MOST_ROWS)
    columns = (prediction.log10_gradient, prediction.log10_median, prediction.log10_p10, prediction.log10_p90)
    lines = [f"  {'layer':<5}{'infinite':>11}{wording.MEDIAN:>11}{'10%':>11}{'90%':>11}   finite width"]
    for point in rows:
        numbers = [float(column[point]) for column in columns]
        gradients = "".join(f"{'-' if math.isnan(number) else scientific(number):>11}" for number in numbers)
        lines.append(f"  {f'L{point}':<5}{gradients}{'' if prediction.reliable[point] else '   unreliable'}")
    return [*lines, *(f"  {line}" for line in _omitted(rows, points, "--json"))]


def _health(health: Health) -> list[str]:
    experiment, method = health.experiment, health.method
    low, high = scientific(math.log10(health.min_gradient), 0), f"{1 / health.min_gradient:g}"
    spread = f"{scientific(float(method.band.p10[0]))} to {scientific(float(method.band.p90[0]))}"
    within = f"{percent(health.within.value)} of the runs ({wording.share_interval(health.within)})"
    rows = {
        "gradient at L0": (
            f"{wording.MEDIAN} {scientific(method.median)}, 10-90% of {counted(experiment.runs, 'run')} {spread}"
        ),
        f"between {low} and {high}": within,
        f"neurons {experiment.network.activation.flat_word}": f"{percent(method.flat)}, {wording.flatness(experiment)}",
        "runs with zero gradient": percent(method.dead),
        "theory": wording.phase(health.outlook),
        "trainable depth": wording.trainable_depth(experiment, health.outlook),
        **_learning(health.training),
        "advice": health.advice.sentences,
        "PyTorch": health.advice.pytorch,
    }
    verdict = "HEALTHY" if health.problem is None else f"NOT HEALTHY, {health.problem}"
    return [
        f"{method.name}, {experiment.activation}: {verdict}",
        *(f"  {name:<28} {value}" for name, value in rows.items()),
    ]


def _learning(training: TrainingResult | None) -> dict[str, str]:
    """A row on how the method learned, if it was trained."""
    if training is None:
        return {}
    from tui_initflow.findings.learning import verdict

    return {"training": verdict(training)[0]}


def _listing(listing: Listing) -> list[str]:
    lines = [
        "Initialisers: a weight is scale x D, with D drawn from the distribution; fan_in Var w is for square layers",
        "",
        f"  {'name':<17} {'D':<16} {'scale':<19} {'fan_in Var w':>12}  notes",
    ]
    for entry in listing["initialisers"]:
        notes = [entry["source"]]
        if entry["same_as"]:
            notes.append(f"= {', '.join(entry['same_as'])}")
        if entry["same_on_square_layers"]:
            notes.append(f"= {', '.join(entry['same_on_square_layers'])} on square layers")
        lines.append(
            f"  {entry['name']:<17} {entry['distribution']:<16} {entry['scale']:<19} {entry['sigma_w2']:>12.4f}  "
            + "; ".join(notes)
        )
    lines += [
        "",
        f"  or {EXPRESSION},",
        f"  where DISTRIBUTION is one of {', '.join(FAMILIES)}",
        "",
        "Activations",
        "",
        f"  {'name':<17} {'critical gain':<14} sqrt(fan_in Var w) with chi = 1",
    ]
    for entry in listing["activations"]:
        note = "" if entry["holds_at_every_depth"] else "at q = 1 only: no gain is critical at every depth"
        lines.append(f"  {entry['name']:<17} {entry['critical_gain']:<14.4f} {note}")
    return lines


def _omitted(rows: Sequence[int], points: int, option: str) -> list[str]:
    """The line that says how to get every point, where a table leaves some out."""
    return [f"{len(rows)} of {points} points; {option} lists them all"] if len(rows) < points else []

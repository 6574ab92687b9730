"""Theory: what it predicts of both methods, layer by layer and at any depth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial

from tui_initflow.charts.description import evenly_spread
from tui_initflow.export.data import Json, columns, finite, settings_of
from tui_initflow.export.run import MOST_ROWS, omitted
from tui_initflow.findings import wording
from tui_initflow.findings.advice import advise
from tui_initflow.findings.notation import scientific
from tui_initflow.findings.summary import Summary
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import SIDES
from tui_initflow.pages.parts import Chart, Lines, Passage, Sentence, Title
from tui_initflow.theory.outlook import Outlook, Theory

CHART_ROWS = 20


def as_json(theory: Theory) -> Mapping[str, Json]:
    # nothing is drawn
    written: dict[str, Json] = {"settings": settings_of(theory.experiment, "runs", "seed")}
    for side in SIDES:
        name = theory.experiment.methods[side].initialiser.name
        written[side] = {"name": name, **_outlook(theory.outlooks[side])}
    return written


def _outlook(outlook: Outlook) -> Mapping[str, Json]:
    prediction, phase, depth = outlook.prediction, outlook.phase, outlook.trainable_depth
    return {
        **columns(prediction, "q", "m", "log10_gradient"),
        "finite_width": {
            **columns(prediction, "log10_median", "log10_p10", "log10_p90", "sd_ln"),
            "reliable": prediction.reliable.tolist(),
        },
        "chi": finite(phase.chi) if phase else None,
        "xi": finite(phase.xi) if phase else None,
        "phase": phase.name if phase else None,
        "q_star": finite(phase.q_star) if phase else None,
        "trainable_depth": asdict(depth) if depth else None,
        "depth_budget": asdict(depth) if depth else None,
        "critical_gain": outlook.critical_gain,
        "critical_gain_holds": outlook.is_stable,
        "preserving_gain": outlook.preserving_gain,
        "holding_gain": outlook.preserving_gain,
        "reason": prediction.reason,
        "note": prediction.note,
    }


def summary(theory: Theory) -> Iterator[Passage]:
    experiment = theory.experiment
    for method, outlook in zip(experiment.methods, theory.outlooks, strict=True):
        title = f"{method.label}, {experiment.activation}: {wording.phase(outlook)}"
        yield [Title(title), *(Sentence(f"  {text}") for text in _outlook_sentences(experiment, outlook))]
        yield [Lines(_table(outlook))]


def _outlook_sentences(experiment: Experiment, outlook: Outlook) -> Iterator[str]:
    """How deep the network may be, better gains, and what is wrong with the prediction."""
    yield wording.trainable_depth(outlook)
    yield from filter(None, (wording.gains(outlook), outlook.prediction.reason, outlook.prediction.note))


def _table(outlook: Outlook) -> Sequence[str]:
    prediction = outlook.prediction
    points = len(prediction.log10_gradient)
    shown = evenly_spread(points, MOST_ROWS)
    values = (prediction.log10_gradient, prediction.log10_median, prediction.log10_p10, prediction.log10_p90)
    lines = [f"{'layer':<5}{'infinite':>11}{wording.MEDIAN:>11}{'10%':>11}{'90%':>11}   finite width"]
    for point in shown:
        numbers = [float(column[point]) for column in values]
        gradients = "".join(f"{'-' if math.isnan(number) else scientific(number):>11}" for number in numbers)
        lines.append(f"{f'L{point}':<5}{gradients}{'' if prediction.reliable[point] else '   unreliable'}")
    return [f"  {line}" for line in (*lines, *omitted(shown, points, "--json"))]


def charts(theory: Theory) -> Iterator[Passage]:
    from tui_initflow.charts.render import render
    from tui_initflow.findings.layers import of_theory
    from tui_initflow.pages.gradient import prediction_chart

    experiment = theory.experiment
    yield [Title(wording.title(experiment))]
    yield [Chart(partial(render, prediction_chart(of_theory(theory))), CHART_ROWS)]
    words = [Sentence("Line: predicted median; shade: 10-90% of the runs.", "muted")]
    for side in SIDES:
        method, outlook = experiment.methods[side], theory.outlooks[side]
        depth, doubt = wording.trainable_depth(outlook), _doubt(outlook)
        words.append(Sentence(f"{method.label}: {wording.phase(outlook)}; {depth}.{doubt}", side))
    yield words


def _doubt(outlook: Outlook) -> str:
    prediction = outlook.prediction
    if prediction.reason is not None:
        return f" No prediction: {prediction.reason}."
    if prediction.note is not None:
        return f" No band, infinite width only: {prediction.note}."
    return ""


def told(theory: Theory, measured: Summary | None) -> Iterator[Sentence]:
    """For a listener, with advice if there are runs."""
    for side in SIDES:
        method, outlook = theory.experiment.methods[side], theory.outlooks[side]
        yield Sentence(f"{method.label}, in theory: {wording.phase(outlook)}")
        yield from map(Sentence, _outlook_sentences(theory.experiment, outlook))
        if measured is not None:
            advice = advise(measured.experiment, measured.methods[side], outlook)
            yield Sentence(f"Advice for {method.label}: {advice.remedy}")
            yield Sentence(f"In PyTorch: {advice.pytorch}")

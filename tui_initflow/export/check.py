"""A check: whether a network is healthy, and what to do if it is not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from tui_initflow.export.data import Json, finite, settings_of, share
from tui_initflow.export.run import lost_in_format
from tui_initflow.export.schemas.runs import OF_B
from tui_initflow.export.train import settings_of_training
from tui_initflow.findings import wording
from tui_initflow.findings.health import Health
from tui_initflow.findings.learning import verdict
from tui_initflow.findings.notation import counted, percent, scientific
from tui_initflow.pages.parts import Lines, Passage, Title
from tui_initflow.training.results import TrainingResult


def as_json(health: Health) -> Mapping[str, Json]:
    method, depth = health.method, health.outlook.trainable_depth
    trainable = {"vanishing": depth.vanishing, "exploding": depth.exploding} if depth else None
    return {
        # only method a is judged
        "settings": settings_of(health.experiment, *OF_B),
        "sampler": health.experiment.methods.a.sampler,
        "healthy": health.problem is None,
        "status": health.status,
        "problem": health.problem,
        "min_gradient": health.min_gradient,
        "log10_final": {name: finite(float(values[0])) for name, values in method.band._asdict().items()},
        "within": share(health.within),
        "saturated": method.flat,
        "dead": method.dead,
        "trainable_depth": trainable,
        "depth_budget": trainable,
        **lost_in_format(method.elements),
        **({} if health.training is None else {"training": _learning(health.training)}),
        "advice": health.advice.sentences,
        "pytorch": health.advice.pytorch,
    }


def _learning(training: TrainingResult) -> Mapping[str, Json]:
    a = training.a
    learned: Mapping[str, Json] = {"lr": a.rate, "final_accuracy": list(a.final_accuracy), "chance": a.chance}
    return {**settings_of_training(training.settings), **learned}


def summary(health: Health) -> Iterator[Passage]:
    experiment, method = health.experiment, health.method
    low, high = scientific(math.log10(health.min_gradient), 0), f"{1 / health.min_gradient:g}"
    ends = f"{scientific(float(method.band.p10[0]))} to {scientific(float(method.band.p90[0]))}"
    spread = f"10-90% of {counted(experiment.runs, 'run')} {ends}"
    found = {
        "gradient at L0": f"{health.status}: {wording.MEDIAN} {scientific(method.median)}, {spread}",
        f"passes: {low} to {high}": (
            f"{percent(health.within.value)} of the runs ({wording.share_interval(health.within)})"
        ),
        f"neurons {experiment.network.activation.flat_word}": f"{percent(method.flat)}, {wording.flatness(experiment)}",
        "runs with zero gradient": percent(method.dead),
        "theory": wording.phase(health.outlook),
        "trainable depth": wording.trainable_depth(health.outlook),
        **({} if health.training is None else {"training": verdict(health.training)[0]}),
        "advice": health.advice.sentences,
        "PyTorch": health.advice.pytorch,
    }
    passes = "HEALTHY" if health.status == "healthy" else f"PASSES, {health.status}"
    judged = passes if health.problem is None else f"NOT HEALTHY, {health.problem}"
    lines = [f"  {name:<28} {value}" for name, value in found.items()]
    yield [Title(f"{method.name}, {experiment.activation}: {judged}"), Lines(lines)]

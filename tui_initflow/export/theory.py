"""Theory, the health check and the registries, as JSON and as text."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tui_initflow import __version__
from tui_initflow.export.listing import Listing
from tui_initflow.export.values import Json, number, numbers, omitted, settings_content, shown_points
from tui_initflow.findings import wording
from tui_initflow.findings.health import Health
from tui_initflow.findings.intervals import Floats
from tui_initflow.findings.notation import counted, percent, scientific
from tui_initflow.model.initialisers import EXPRESSION, FAMILIES
from tui_initflow.model.pair import SIDES
from tui_initflow.theory.outlook import Outlook, Theory


def content(found: object) -> Mapping[str, Json]:
    """What JSON says: null where theory has no number."""
    match found:
        case Theory():
            return _theory_content(found)
        case Health():
            return _health_content(found)
        case Listing():
            return {"initialisers": list(found.initialisers), "activations": list(found.activations)}
    raise TypeError(f"{type(found).__name__} cannot be written as JSON")


def lines(found: object) -> list[str]:
    """Tables for people."""
    match found:
        case Theory():
            return _theory_lines(found)
        case Health():
            return _health_lines(found)
        case Listing():
            return _listing_lines(found)
    raise TypeError(f"{type(found).__name__} cannot be written as text")


def _theory_content(theory: Theory) -> dict[str, Json]:
    settings = settings_content(theory.experiment)
    # nothing is drawn
    del settings["runs"], settings["seed"]
    return {
        "version": __version__,
        "settings": settings,
        **{
            side: {
                "name": theory.experiment.methods[side].initialiser.name,
                **_outlook_content(theory.outlooks[side]),
            }
            for side in SIDES
        },
    }


def _outlook_content(outlook: Outlook) -> dict[str, Json]:
    prediction, budget = outlook.prediction, outlook.trainable_depth
    return {
        "q": numbers(prediction.q),
        "m": numbers(prediction.m),
        "log10_gradient": numbers(prediction.log10_gradient),
        "finite_width": {
            "log10_median": numbers(prediction.log10_median),
            "log10_p10": numbers(prediction.log10_p10),
            "log10_p90": numbers(prediction.log10_p90),
            "sd_ln": numbers(prediction.sd_ln),
            "reliable": prediction.reliable.tolist(),
        },
        "chi": number(outlook.phase.chi),
        "xi": number(outlook.phase.xi),
        "phase": outlook.phase.name,
        "q_star": number(outlook.phase.q_star),
        "depth_budget": {
            "threshold": budget.threshold,
            "vanishing": budget.vanishing,
            "exploding": budget.exploding,
        },
        "critical_gain": outlook.critical_gain,
        "critical_gain_holds": outlook.is_stable,
        "holding_gain": outlook.preserving_gain,
        "reason": prediction.reason,
        "note": prediction.note,
    }


def _theory_lines(theory: Theory) -> list[str]:
    experiment = theory.experiment
    said: list[str] = []
    for method, outlook in zip(experiment.methods, theory.outlooks, strict=True):
        notes = (wording.gains(outlook), outlook.prediction.reason, outlook.prediction.note)
        said += [
            f"{method.label}, {experiment.activation}: {wording.phase(outlook)}",
            f"  {wording.trainable_depth(experiment, outlook)}",
            *(f"  {note}" for note in notes if note),
            "",
            *_prediction_table(outlook),
            "",
        ]
    return said[:-1]


def _prediction_table(outlook: Outlook) -> list[str]:
    prediction = outlook.prediction
    points = len(prediction.log10_gradient)
    shown = shown_points(points)
    rows = [f"  {'layer':<6}{'infinite':>10}{wording.MEDIAN:>11}{'10%':>11}{'90%':>11}   finite width"]
    for point in shown:
        finite = "".join(
            f"{_written(values, point):>11}"
            for values in (prediction.log10_median, prediction.log10_p10, prediction.log10_p90)
        )
        doubt = "" if prediction.reliable[point] else "   unreliable"
        rows.append(f"  {f'L{point}':<6}{_written(prediction.log10_gradient, point):>10}{finite}{doubt}")
    return [*rows, *(f"  {text}" for text in omitted(shown, points, "--json"))]


def _written(values: Floats, point: int) -> str:
    value = float(values[point])
    return "-" if math.isnan(value) else scientific(value)


def _health_content(health: Health) -> dict[str, Json]:
    settings = settings_content(health.experiment)
    # one method is asked about
    for other in ("b", "gain_b"):
        settings.pop(other, None)
    method, budget = health.method, health.outlook.trainable_depth
    return {
        "version": __version__,
        "settings": settings,
        "healthy": health.problem is None,
        "problem": health.problem,
        "min_gradient": health.min_gradient,
        "log10_final": {
            "median": number(method.median),
            "p10": number(health.final.low),
            "p90": number(health.final.high),
        },
        "within": {
            "share": health.within.value,
            "ci95": [health.within.interval.low, health.within.interval.high],
        },
        "saturated": method.flat,
        "dead": method.dead,
        "depth_budget": {"vanishing": budget.vanishing, "exploding": budget.exploding},
        "advice": health.advice.sentence,
        "pytorch": health.advice.pytorch,
    }


def _health_lines(health: Health) -> list[str]:
    experiment, method = health.experiment, health.method
    low, high = scientific(math.log10(health.min_gradient), 0), f"{1 / health.min_gradient:g}"
    runs = counted(experiment.runs, "run")
    flat_word = experiment.network.activation.flat_word
    rows = (
        (
            "gradient at L0",
            f"{wording.MEDIAN} {scientific(method.median)}, 10-90% of {runs} {scientific(health.final.low)} to "
            f"{scientific(health.final.high)}",
        ),
        (
            f"between {low} and {high}",
            f"{percent(health.within.value)} of the runs ({wording.share_interval(health.within)})",
        ),
        (f"neurons {flat_word}", f"{percent(method.flat)}, |f'(z)| < 0.1"),
        ("runs without any gradient", percent(method.dead)),
        ("theory", wording.phase(health.outlook)),
        ("trainable depth", wording.trainable_depth(experiment, health.outlook)),
        ("advice", health.advice.sentence),
        ("PyTorch", health.advice.pytorch),
    )
    verdict = "HEALTHY" if health.problem is None else f"NOT HEALTHY, {health.problem}"
    return [f"{method.name}, {experiment.activation}: {verdict}", *(f"  {name:<28} {said}" for name, said in rows)]


def _listing_lines(listing: Listing) -> list[str]:
    said = [
        "Initialisers: a weight is D x scale, with D from the distribution; fan_in Var w is that of square layers",
        "",
        f"  {'name':<17} {'D':<16} {'scale':<19} {'fan_in Var w':>12}  notes",
    ]
    for entry in listing.initialisers:
        notes = [entry["source"]]
        if entry["same_as"]:
            notes.append(f"= {', '.join(entry['same_as'])}")
        if entry["same_on_square_layers"]:
            notes.append(f"= {', '.join(entry['same_on_square_layers'])} on square layers")
        said.append(
            f"  {entry['name']:<17} {entry['distribution']:<16} {entry['scale']:<19} {entry['sigma_w2']:>12.4f}  "
            + "; ".join(notes)
        )
    said += ["", f"  and any {EXPRESSION};", f"  DISTRIBUTION one of {', '.join(FAMILIES)}", "", "Activations", ""]
    said.append(f"  {'name':<17} {'critical gain':<14} sqrt(fan_in Var w) with chi = 1")
    for entry in listing.activations:
        note = "" if entry["holds_at_every_depth"] else "at q = 1 only: no gain is critical at every depth"
        said.append(f"  {entry['name']:<17} {entry['critical_gain']:<14.4f} {note}")
    return said

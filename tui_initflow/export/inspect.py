"""A checkpoint: its tensors, what is wrong with them, and what becomes of a gradient in its weights.

Names come from the file and are printable already.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tui_initflow.charts.description import evenly_spread
from tui_initflow.engine.results import MethodResult
from tui_initflow.export.data import Json, columns, finite, numbers
from tui_initflow.export.run import MOST_ROWS, by_layer, omitted
from tui_initflow.export.schemas.checkpoints import INSPECT
from tui_initflow.findings.inspection import Inspection, TensorFinding, headline, named
from tui_initflow.findings.intervals import Floats, band
from tui_initflow.findings.notation import counted, percent, scientific
from tui_initflow.model.pair import SIDES
from tui_initflow.model.settings import widths_text
from tui_initflow.pages.parts import Lines, Passage, Sentence, Table, Title
from tui_initflow.theory.outlook import Theory

FIELDS = tuple(INSPECT["properties"]["tensors"]["items"]["properties"])
"""What is written of a tensor."""
MOST_IN_PERCENT = 100
"""Factor from which on it is written as such."""
LONGEST_NAME = 40


def as_json(inspection: Inspection) -> Mapping[str, Json]:
    """Gradients of the chain are medians over its inputs, as log10."""
    return {
        "file": inspection.file,
        "activation": inspection.activation,
        "problems": list(inspection.problems),
        "tensors": map(_values, inspection.tensors),
        "chain": _chain(inspection),
        "no_chain": inspection.no_chain,
    }


def _values(one: TensorFinding) -> dict[str, Any]:
    """The values of `FIELDS`; None where a number is not finite or not defined."""
    of = one.measured
    others = {
        "kind": of.role.kind,
        "shape": list(of.tensor.shape),
        "dtype": of.tensor.dtype.name,
        "status": one.status,
        "gain_ratio": one.gain_ratio,
        "min": of.low,
        "max": of.high,
    }
    values = {name: others[name] if name in others else getattr(of, name) for name in FIELDS}
    return {name: finite(value) if isinstance(value, float) else value for name, value in values.items()}


def _chain(inspection: Inspection) -> Mapping[str, Json] | None:
    """The weights by layer, and the gradient at the points L0 … L{L}; b and theory are null where they do not exist."""
    propagated, theory = inspection.propagated, inspection.theory
    if propagated is None:
        return None
    fresh = propagated.fresh
    return {
        "names": list(propagated.chain.names),
        "sizes": list(propagated.chain.sizes),
        "inputs": len(propagated.method.log10_gradient),
        **_gradients(propagated.method),
        "preactivation": columns(propagated.method.preactivation, "std", "saturated"),
        "b": None if fresh is None else {"name": fresh.name, **_gradients(fresh)},
        "theory": None if theory is None else _theory(theory),
        "left_out": list(propagated.chain.left_out),
        "note": propagated.note,
    }


def _theory(theory: Theory) -> Mapping[str, Json]:
    return {side: numbers(theory.outlooks[side].prediction.log10_gradient) for side in SIDES}


def _gradients(method: MethodResult) -> Mapping[str, Json]:
    spread = zip(("", "_p10", "_p90"), band(method.log10_gradient), strict=True)
    return {f"log10_gradient{end}": numbers(values) for end, values in spread}


def rows(inspection: Inspection) -> Iterator[Iterable[object]]:
    """One per tensor; a shape is 64x3x3."""
    yield FIELDS
    for one in inspection.tensors:
        yield (_values(one) | {"shape": shape_text(one.measured.tensor.shape)}).values()


def report(inspection: Inspection) -> Iterator[Passage]:
    shown, total = len(inspection.tensors), sum(one.measured.tensor.size for one in inspection.tensors)
    of = "" if shown == inspection.total else f" of {inspection.total:,}"
    found = f"{headline(inspection)}; gains are for {inspection.activation}" if shown else "nothing to show"
    yield [
        Title(f"{inspection.file}: {counted(shown, 'tensor')}{of}, {counted(total, 'number')}", foreign=True),
        Sentence(found, foreign=True),
        *(Sentence(f"PROBLEM: {problem}", foreign=True) for problem in inspection.problems),
    ]
    yield [Table(_HEADING, [*map(_cells, inspection.tensors)], "<<<<>>>><<", foreign=True)]
    yield [Lines(_chain_lines(inspection))]
    if inspection.layers is not None:
        yield from ([chart] for chart in by_layer(inspection.layers))


summary = report
"""Text leaves the charts out."""


def charts(inspection: Inspection) -> Iterator[Passage]:
    """The chain beside fresh draws, if its size is drawn."""
    yield [Title(f"{inspection.file}: {headline(inspection)}")]
    yield from ([Sentence(problem)] for problem in inspection.problems)
    if inspection.layers is not None:
        yield from ([chart] for chart in by_layer(inspection.layers))
    else:
        yield [Sentence(f"No charts. No chain: {inspection.no_chain}.", "muted")]


_HEADING = ("name", "kind", "shape", "type", "std", "gain", "norm", "stable rank", "looks like", "status")


def _cells(one: TensorFinding) -> Sequence[str]:
    of = one.measured
    notes = [
        f"{percent(share)} {word}"
        for share, word in ((of.nan, "NaN"), (of.inf, "inf"), (of.zeros, "zero"), (of.subnormal, "subnormal"))
        if share and not (word == "zero" and of.looks_like == "zeros")
    ]
    if of.looks_like != "zeros":
        dead = ((of.dead_rows, "row"), (of.dead_columns, "column"))
        notes += [counted(count, f"dead {word}") for count, word in dead if count]
    if of.duplicate_of is not None:
        notes.append(f"= {short(of.duplicate_of)}")
    return [
        short(of.name),
        of.role.kind,
        shape_text(of.tensor.shape),
        of.tensor.dtype.name,
        number(of.std),
        number(one.gain_ratio),
        number(of.spectral_norm),
        "-" if of.stable_rank is None or math.isnan(of.stable_rank) else f"{of.stable_rank:.1f}",
        of.looks_like,
        one.status + (f" ({', '.join(notes)})" if notes else ""),
    ]


def short(name: str) -> str:
    """A name for a column: its end, which tells it from others, where it is long."""
    return name if len(name) <= LONGEST_NAME else f"...{name[3 - LONGEST_NAME :]}"


def shape_text(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape)) or "scalar"


def number(value: float | None) -> str:
    """Three digits, or a dash."""
    return "-" if value is None or not math.isfinite(value) else f"{value:.3g}"


def growth(factor: float, digits: int) -> str:
    """A change by a factor: +12.3%, and 1.5e+09x where a percentage would be long."""
    return f"{factor - 1:+.{digits}%}" if factor < MOST_IN_PERCENT else f"{factor:.3g}x"


def _chain_lines(inspection: Inspection) -> Sequence[str]:
    """The chain as a table by layer."""
    propagated, theory = inspection.propagated, inspection.theory
    if propagated is None:
        return [f"No chain: {inspection.no_chain}."]
    chain, method = propagated.chain, propagated.method
    inputs = counted(len(method.log10_gradient), "input")
    gradients: list[tuple[str, Floats]] = [("these weights", np.median(method.log10_gradient, axis=0))]
    if propagated.experiment is not None and propagated.fresh is not None:
        b = propagated.experiment.methods.b.label
        gradients.append((f"fresh {b}"[:20], np.median(propagated.fresh.log10_gradient, axis=0)))
    if theory is not None:
        gradients.append(("theory of b", theory.outlooks.b.prediction.log10_gradient))
    points = len(chain.links) + 1
    shown = evenly_spread(points, MOST_ROWS)
    names = [*map(short, chain.names), "output"]
    width = max(len(names[point]) for point in shown)
    saturated = [*map(percent, method.preactivation.saturated.tolist()), "-"]
    lines = [
        f"Chain of {counted(len(chain.links), 'weight')}, {widths_text(chain.sizes)}, {inspection.activation}, "
        f"without biases, norms and skips; median gradient of {inputs}:",
        "",
        f"{'layer':<6} {'weight':<{width}}" + "".join(f"  {name:>20}" for name, _ in gradients) + "  flat",
    ]
    for point in shown:
        cells = "".join(f"  {scientific(float(values[point])):>20}" for _, values in gradients)
        lines.append(f"{f'L{point}':<6} {names[point]:<{width}}{cells}  {saturated[point]:>4}")
    lines += omitted(shown, points, "--json")
    if propagated.note is not None:
        lines += ["", f"There is {propagated.note}."]
    if chain.left_out:
        lines += ["", f"Not in the chain: {named(chain.left_out)}."]
    return lines

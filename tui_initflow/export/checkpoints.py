"""Checkpoints as JSON, CSV, text and Markdown. Names come from the file and are printable already."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tui_initflow.charts.axes import evenly_spread
from tui_initflow.engine.results import MethodResult
from tui_initflow.findings.inspection import Inspection, TensorFinding, headline, named
from tui_initflow.findings.intervals import Floats, band
from tui_initflow.findings.notation import counted, percent, scientific
from tui_initflow.model.pair import SIDES
from tui_initflow.model.widths import widths_text

FIELDS = (
    *("name", "kind", "shape", "dtype", "fan_in", "fan_out", "mean", "std", "sigma_w2", "excess_kurtosis"),
    *("spectral_norm", "stable_rank", "zeros", "nan", "inf", "looks_like", "status"),
    *("gain_ratio", "subnormal", "min", "max", "dead_rows", "dead_columns", "duplicate_of"),
)
"""What is written of a tensor. `zeros`, `nan`, `inf` and `subnormal` are shares of its numbers."""
MOST_ROWS = 21
MOST_IN_PERCENT = 100
"""Factor from which on it is written as such."""
LONGEST_NAME = 40


def values_of(one: TensorFinding) -> dict[str, Any]:
    """The values of `FIELDS`; None where a number is not finite or not defined."""
    of = one.measured
    return {
        "name": of.name,
        "kind": of.role.kind,
        "shape": list(of.tensor.shape),
        "dtype": of.tensor.dtype.name,
        "fan_in": of.fan_in,
        "fan_out": of.fan_out,
        "mean": finite(of.mean),
        "std": finite(of.std),
        "sigma_w2": finite(of.sigma_w2),
        "excess_kurtosis": finite(of.excess_kurtosis),
        "spectral_norm": finite(of.spectral_norm),
        "stable_rank": finite(of.stable_rank),
        "zeros": of.zeros,
        "nan": of.nan,
        "inf": of.inf,
        "looks_like": of.looks_like,
        "status": one.status,
        "gain_ratio": finite(one.gain_ratio),
        "subnormal": of.subnormal,
        "min": finite(of.low),
        "max": finite(of.high),
        "dead_rows": of.dead_rows,
        "dead_columns": of.dead_columns,
        "duplicate_of": of.duplicate_of,
    }


def inspection_object(inspection: Inspection) -> dict[str, Any]:
    """Everything, as JSON has it, but without tensors. Gradients of the chain are medians over its inputs, as log10."""
    return {
        "file": inspection.file,
        "activation": inspection.activation,
        "problems": list(inspection.problems),
        "tensors": [],
        "chain": _chain(inspection),
        "no_chain": inspection.no_chain,
    }


def csv_rows(inspection: Inspection) -> Iterator[tuple[object, ...]]:
    """One row per tensor, the values of `FIELDS`; a shape is 64x3x3."""
    for one in inspection.tensors:
        values = values_of(one)
        yield tuple(_shape(one) if name == "shape" else values[name] for name in FIELDS)


def text_lines(inspection: Inspection) -> list[str]:
    """A headline, a line for each tensor, and what becomes of a gradient."""
    return [
        *_head(inspection),
        "",
        *aligned([_HEADING, *(_row(one) for one in inspection.tensors)], range(4, 8)),
        "",
        *_chain_lines(inspection),
    ]


def markdown_lines(inspection: Inspection) -> list[str]:
    """The same as tables of Markdown."""
    title, *rest = _head(inspection)
    rows = [_HEADING, ["---"] * len(_HEADING), *(_row(one) for one in inspection.tensors)]
    table = [f"| {' | '.join(without_markup(cell) for cell in row)} |" for row in rows]
    head = [f"# {without_markup(title)}", "", *(without_markup(line) for line in rest)]
    return [*head, "", *table, "", "```text", *_chain_lines(inspection), "```"]


def without_markup(text: str) -> str:
    """Text that Markdown takes for nothing else."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>#|~&" else character for character in text)


def _head(inspection: Inspection) -> list[str]:
    shown, numbers = len(inspection.tensors), sum(one.measured.tensor.size for one in inspection.tensors)
    of = "" if shown == inspection.total else f" of {inspection.total:,}"
    return [
        f"{inspection.file}: {counted(shown, 'tensor')}{of}, {counted(numbers, 'number')}",
        f"{headline(inspection)}; gains are for {inspection.activation}" if shown else "nothing to show",
        *(f"PROBLEM: {problem}" for problem in inspection.problems),
    ]


_HEADING = ["name", "kind", "shape", "type", "std", "gain", "norm", "stable rank", "looks like", "status"]


def _row(one: TensorFinding) -> list[str]:
    of = one.measured
    notes = [
        f"{percent(share)} {word}"
        for share, word in ((of.nan, "NaN"), (of.inf, "inf"), (of.zeros, "zero"), (of.subnormal, "subnormal"))
        if share and not (word == "zero" and of.looks_like == "zeros")
    ]
    if of.looks_like != "zeros":
        notes += [counted(count, f"dead {word}") for count, word in _dead(one) if count]
    if of.duplicate_of is not None:
        notes.append(f"= {short(of.duplicate_of)}")
    return [
        short(of.name),
        of.role.kind,
        _shape(one),
        of.tensor.dtype.name,
        number(of.std),
        number(one.gain_ratio),
        number(of.spectral_norm),
        "-" if of.stable_rank is None or math.isnan(of.stable_rank) else f"{of.stable_rank:.1f}",
        of.looks_like,
        one.status + (f" ({', '.join(notes)})" if notes else ""),
    ]


def _dead(one: TensorFinding) -> list[tuple[int, str]]:
    return [(one.measured.dead_rows, "row"), (one.measured.dead_columns, "column")]


def aligned(rows: Sequence[Sequence[str]], numbers: range) -> list[str]:
    """Columns as wide as their longest cell: those of numbers at the right, words at the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if at in numbers else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def short(name: str) -> str:
    """A name for a column: its end, which tells it from others, where it is long."""
    return name if len(name) <= LONGEST_NAME else f"...{name[3 - LONGEST_NAME :]}"


def _shape(one: TensorFinding) -> str:
    return "x".join(map(str, one.measured.tensor.shape)) or "scalar"


def number(value: float | None) -> str:
    """Three digits, or a dash."""
    return "-" if value is None or not math.isfinite(value) else f"{value:.3g}"


def growth(factor: float, digits: int) -> str:
    """A change by a factor: +12.3%, and 1.5e+09x where a percentage would be long."""
    return f"{factor - 1:+.{digits}%}" if factor < MOST_IN_PERCENT else f"{factor:.3g}x"


def finite(value: float | None) -> float | None:
    """The value, or None where JSON has no number for it."""
    return value if value is not None and math.isfinite(value) else None


def _numbers(values: Floats) -> list[float | None]:
    return [finite(value) for value in values.tolist()]


def _gradients(method: MethodResult) -> dict[str, list[float | None]]:
    spread = band(method.log10_gradient)
    return {
        "log10_gradient": _numbers(spread.median),
        "log10_gradient_p10": _numbers(spread.p10),
        "log10_gradient_p90": _numbers(spread.p90),
    }


def _chain(inspection: Inspection) -> dict[str, Any] | None:
    """The weights by layer, and the gradient at the points L0 … L{L}; b and theory are null where they do not exist."""
    carried, theory = inspection.carried, inspection.theory
    if carried is None:
        return None
    z, fresh = carried.method.preactivation, carried.fresh
    return {
        "names": list(carried.chain.names),
        "sizes": list(carried.chain.sizes),
        "inputs": len(carried.method.log10_gradient),
        **_gradients(carried.method),
        "preactivation": {"std": _numbers(z.std), "saturated": _numbers(z.saturated)},
        "b": None if fresh is None else {"name": fresh.name, **_gradients(fresh)},
        "theory": None
        if theory is None
        else {side: _numbers(theory.outlooks[side].prediction.log10_gradient) for side in SIDES},
        "left_out": list(carried.chain.left_out),
        "note": carried.note,
    }


def _chain_lines(inspection: Inspection) -> list[str]:
    """The chain as a table by layer."""
    carried, theory = inspection.carried, inspection.theory
    if carried is None:
        return [f"No chain: {inspection.no_chain}."]
    chain, method = carried.chain, carried.method
    inputs = counted(len(method.log10_gradient), "input")
    lines = [
        f"Chain of {counted(len(chain.links), 'weight')}, {widths_text(chain.sizes)}, {inspection.activation}, "
        f"without biases, norms and skips; median gradient of {inputs}:",
        "",
    ]
    columns: list[tuple[str, Floats]] = [("these weights", np.median(method.log10_gradient, axis=0))]
    if carried.experiment is not None and carried.fresh is not None:
        b = carried.experiment.methods.b.label
        columns.append((f"fresh {b}"[:20], np.median(carried.fresh.log10_gradient, axis=0)))
    if theory is not None:
        columns.append(("theory of b", theory.outlooks.b.prediction.log10_gradient))
    points = len(chain.links) + 1
    rows = evenly_spread(points, MOST_ROWS)
    names = [*map(short, chain.names), "output"]
    width = max(len(names[point]) for point in rows)
    saturated = [*map(percent, method.preactivation.saturated.tolist()), "-"]
    lines.append(f"{'layer':<6} {'weight':<{width}}" + "".join(f"  {name:>20}" for name, _ in columns) + "  flat")
    for point in rows:
        numbers = "".join(f"  {scientific(float(values[point])):>20}" for _, values in columns)
        lines.append(f"{f'L{point}':<6} {names[point]:<{width}}{numbers}  {saturated[point]:>4}")
    if len(rows) < points:
        lines.append(f"{len(rows)} of {points} points; --json lists them all")
    if carried.note is not None:
        lines += ["", f"There is {carried.note}."]
    if chain.left_out:
        lines += ["", f"Not in the chain: {named(chain.left_out)}."]
    return lines

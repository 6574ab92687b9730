"""A grid: the final gradients of both methods and their ratio over two settings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import partial
from typing import get_args

from tui_initflow.engine.grid import GridResult, Quantity
from tui_initflow.export.data import Json, numbers, settings_of
from tui_initflow.findings import wording
from tui_initflow.model.pair import SIDES
from tui_initflow.pages.parts import Chart, Lines, Passage, Title

MAP_ROWS = 30


def as_json(result: GridResult) -> Mapping[str, Json]:
    """Means over the runs, one row for each depth; null where a cell is not computed, too."""
    plan = result.plan
    (over, against), methods = plan.axes, plan.experiment.methods

    def cells(quantity: Quantity) -> list[Json]:
        return [numbers(row) for row in result.log10(quantity)]

    return {
        "settings": settings_of(plan.experiment),
        "over": over,
        "against": against,
        over: list(plan.x_values),
        against: list(plan.y_values),
        **{side: {"name": methods[side].initialiser.name, "log10_final": cells(side)} for side in SIDES},
        "log10_ratio": cells("ratio"),
    }


def summary(result: GridResult) -> Iterator[Passage]:
    """The ratio in every cell, deep networks at the bottom."""
    plan, (over, against) = result.plan, result.plan.axes
    names = wording.grid_names(plan)
    basis = wording.basis(plan.experiment.runs)
    yield [Title(f"log10 of {names.b}/{names.a} at L0, {basis}: {over} across, {against} down")]
    lines = [f"{against:>8}  " + " ".join(f"{value:>6g}" for value in plan.x_values)]
    for value, row in zip(plan.y_values, result.log10("ratio"), strict=True):
        lines.append(f"{value:>8}  " + " ".join(f"{cell:>6.2f}" if math.isfinite(cell) else "     -" for cell in row))
    yield [Lines(lines)]


def charts(result: GridResult) -> Iterator[Passage]:
    """A map of each method and one of their ratio."""
    from tui_initflow.pages.phase import PhaseChart

    for quantity in get_args(Quantity):
        yield [Chart(partial(PhaseChart(result.plan.experiment, result, quantity).draw, None), MAP_ROWS)]

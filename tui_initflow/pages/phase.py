"""The phase chart: at which depths and gains, or widths, a gradient survives, and what one cell says in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.description import HeatMap
from tui_initflow.charts.draw_heatmap import cells_that_fit
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.engine.grid import MOST_CELLS, Cell, GridPlan, GridResult, Quantity
from tui_initflow.findings.notation import counted, scientific
from tui_initflow.findings.status import status
from tui_initflow.findings.wording import basis, grid_names, larger_by
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.pages.rows import fit, paragraph

AXIS_TITLES = {**{name: setting.label for name, setting in SETTINGS.items()}, "gain": "Gain"}


@dataclass(frozen=True, slots=True)
class PhaseChart:
    """The final gradients of a grid as far as it is computed. Its cells can be read and used."""

    experiment: Experiment
    result: GridResult
    quantity: Quantity

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.result.plan.shape

    @property
    def place(self) -> Cell | None:
        """The cell of the experiment."""
        return self.result.plan.place(self.experiment, self.quantity)

    def settings(self, cell: Cell) -> dict[str, Any]:
        return self.result.plan.settings(cell, self.quantity)

    def draw(self, cursor: Cell | None, width: int, height: int, palette: Palette) -> Picture:
        """The map with its caption and one cell read out: that of the cursor, or else that of the experiment."""
        plan, quantity, current = self.result.plan, self.quantity, self.place
        read = current if cursor is None else cursor
        said = "" if read is None else readout(self.result, quantity, read)
        readout_row = fit([(said, Style(palette.text, bold=True))], width)
        lines = (readout_row, *paragraph(caption(plan, quantity), width, Style(palette.muted)))
        title, short_title, sides = _titles(plan, quantity)
        x, y = (AXIS_TITLES[axis] for axis in plan.axes)
        x_labels, y_labels = ([f"{value:g}" for value in values] for values in (plan.x_values, plan.y_values))
        values = (self.result.log10(quantity), self.result.done)
        chart = HeatMap(title, short_title, quantity, *values, x, x_labels, y, y_labels, *sides, current, cursor)
        return (*render(chart, width, max(1, height - len(lines)), palette), *lines)


def cells_for(width: int, height: int) -> tuple[int, int]:
    """Columns and rows of the grid that fills a picture of this size."""
    # the readout and most captions take a row each
    return cells_that_fit(width, height - 2, MOST_CELLS)


def caption(plan: GridPlan, quantity: Quantity) -> str:
    """The settings that all cells share, and what the numbers of the cells are."""
    experiment = plan.experiment
    fixed = [
        f"{AXIS_TITLES[name]}={getattr(experiment, name)}" for name in ("neurons", "features") if name not in plan.axes
    ]
    number = "log10 gradient at L0"
    if quantity == "ratio":
        names = grid_names(plan)
        number = f"log10 of {names.b}/{names.a} at L0" + (", both at this gain" if "gain" in plan.axes else "")
    return f"{', '.join([*fixed, experiment.activation])}: {number}, {basis(experiment.runs)}"


def readout(result: GridResult, quantity: Quantity, cell: Cell) -> str:
    """One cell in words: gain 1.4, 20 layers: Normal's gradient 3.2e-02 (log10 -1.5), weak."""
    plan = result.plan
    x, layers = plan.x_values[cell.column], plan.y_values[cell.row]
    width = f"gain {x:g}" if "gain" in plan.axes else counted(int(x), "neuron")
    return f"{width}, {counted(layers, 'layer')}: {_cell_in_words(result, quantity, cell)}"


def _cell_in_words(result: GridResult, quantity: Quantity, cell: Cell) -> str:
    at = (cell.row, cell.column)
    if not result.done[at]:
        return "not computed yet"
    value = float(result.log10(quantity)[at])
    names = grid_names(result.plan)
    if quantity != "ratio":
        return f"{names[quantity]}'s gradient {scientific(value, 1)} (log10 {value:.1f}), {status(value)}"
    finals = sorted((float(result.log10_a[at]), float(result.log10_b[at])), reverse=True)
    sizes = " vs ".join(scientific(final, 1) for final in finals)
    return f"{larger_by(names, value)}, {sizes}"


def _titles(plan: GridPlan, quantity: Quantity) -> tuple[str, str, tuple[str, str]]:
    """The title, a short one, and what values below and above 0 mean."""
    names = grid_names(plan)
    if quantity == "ratio":
        return f"{names.b}/{names.a} at L0", f"{names.b}/{names.a}", (f"{names.a} larger", f"{names.b} larger")
    return f"{names[quantity]}'s gradient at L0", names[quantity], ("vanishing", "exploding")

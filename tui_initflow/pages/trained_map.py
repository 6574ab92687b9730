"""The trainability map: at which gains and depths a method's networks learn, with theory's depth scale over it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_initflow.charts.cells import Picture, Style
from tui_initflow.charts.description import ShareMap
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.engine.grid_plan import Cell
from tui_initflow.findings.learning import TrainedMap
from tui_initflow.findings.notation import counted, percent
from tui_initflow.model.training import OPTIMISER_TITLES
from tui_initflow.pages.rows import fit, paragraph

REACH = 6.0
"""How many depth scales deep networks were found to train (Schoenholz et al. 2017, figure 5)."""


@dataclass(frozen=True, slots=True)
class TrainedChart:
    """A map as far as it is trained. Its cells can be read and used."""

    map: TrainedMap

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return len(self.map.trained.depths), len(self.map.trained.gains)

    @property
    def place(self) -> Cell | None:
        """The cell of the experiment that the map is of."""
        trained, experiment = self.map.trained, self.map.experiment
        if 1.0 not in trained.gains or experiment.layers not in trained.depths or experiment.widths is not None:
            return None
        return Cell(trained.gains.index(1.0), trained.depths.index(experiment.layers))

    def settings(self, cell: Cell) -> dict[str, Any]:
        trained = self.map.trained
        return {f"gain_{trained.side}": self._gains[cell.column], "layers": trained.depths[cell.row]}

    def draw(self, cursor: Cell | None, width: int, height: int, palette: Palette) -> Picture:
        """The map with its caption and one cell read out: that of the cursor, or else that of the experiment."""
        trained, read = self.map.trained, cursor or self.place
        lines = (
            fit([("" if read is None else self.readout(read), Style(palette.text, bold=True))], width),
            *paragraph(self.caption, width, Style(palette.muted)),
        )
        chart = ShareMap(
            title=f"{self._label}'s test accuracy after training, %",
            short_title="Accuracy, %",
            role=trained.side,
            values=trained.accuracy.filled(math.nan),
            done=~np.ma.getmaskarray(trained.accuracy),
            x_title="Gain",
            x_labels=[f"{gain:g}" for gain in self._gains],
            y_title="Layers",
            y_labels=[str(depth) for depth in trained.depths],
            low_name="",
            high_name="",
            current=self.place,
            cursor=cursor,
            line=self._line,
            line_name=f"{REACH:g} ξ",
            least=trained.chance,
        )
        return (*render(chart, width, max(1, height - len(lines)), palette), *lines)

    @property
    def caption(self) -> str:
        experiment, settings, rates = self.map.experiment, self.map.settings, self.map.trained.rates
        better = " the better of rates" if len(rates) > 1 else " rate"
        return (
            f"Neurons={experiment.network.widest}, {experiment.activation}, {settings.data}, up to "
            f"{counted(settings.steps, 'step')} of {OPTIMISER_TITLES[settings.optimizer]},{better} "
            f"{' and '.join(f'{rate:g}' for rate in rates)}, one run. "
            f"━ {REACH:g} of theory's depth scales ξ: about as deep as signals reach."
        )

    def readout(self, cell: Cell) -> str:
        """One cell in words: gain 0.7, 15 layers: 28% of the test rows right at rate 0.1 (chance 10%)."""
        trained, at = self.map.trained, (cell.row, cell.column)
        where = f"gain {self._gains[cell.column]:g}, {counted(trained.depths[cell.row], 'layer')}"
        if np.ma.getmaskarray(trained.accuracy)[at]:
            return f"{where}: not trained yet"
        reached = f"{percent(float(trained.accuracy[at]))} right at rate {float(trained.rate[at]):g}"
        xi = self.map.depth_scales[cell.column]
        theory = "" if xi is None else f"; ξ is {'infinite' if xi > 1e4 else f'{xi:.3g} layers'}"
        return f"{where}: {reached} (chance {percent(trained.chance)}){theory}"

    @property
    def _label(self) -> str:
        """The method's name without its gain, which the map varies."""
        experiment, side = self.map.experiment, self.map.trained.side
        return experiment.with_(gain_a=1.0, gain_b=1.0).methods[side].label

    @property
    def _gains(self) -> list[float]:
        own: float = getattr(self.map.experiment, f"gain_{self.map.trained.side}")
        return [float(f"{own * gain:.4g}") for gain in self.map.trained.gains]

    @property
    def _line(self) -> list[float]:
        """Where theory's line is, in rows: depths between two rows are placed by their logarithm."""
        reaches = [math.nan if xi is None else REACH * xi for xi in self.map.depth_scales]
        depths = np.log(self.map.trained.depths)
        with np.errstate(divide="ignore"):
            at = np.interp(np.log(reaches), depths, np.arange(len(depths)), left=math.nan, right=math.nan)
        line: list[float] = at.tolist()
        return line

"""The trainability map: its cells, theory's line, and what one cell says in words."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.charts.samples import lines
from tui_initflow.charts.palette import DARK, LIGHT
from tui_initflow.engine.grid import Cell
from tui_initflow.findings.learning import TrainedMap
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import TrainingSettings
from tui_initflow.pages.train import REACH, TrainedChart
from tui_initflow.training.trainability import TrainabilityMap

EXPERIMENT = Experiment(layers=10, neurons=30, gain_b=2.0)
MASK = np.array([[0, 0, 1], [0, 0, 0]], np.bool_)
ACCURACY = np.ma.masked_array([[0.9, 0.95, 0.8], [0.1, 0.97, 0.2]], mask=MASK)
RATES = np.ma.masked_array([[0.1, 0.03, 0.1], [0.1, 0.1, 0.1]], mask=MASK)


def chart(*scales: float | None) -> TrainedChart:
    trained = TrainabilityMap("b", (3, 10), (0.5, 1.0, 2.0), ACCURACY, RATES, (0.03, 0.1), 0.1)
    return TrainedChart(TrainedMap(EXPERIMENT, TrainingSettings(), trained, scales))


MAP = chart(1.0, math.inf, None)


def test_cells_have_the_gains_of_the_method() -> None:
    assert MAP.shape == (2, 3)
    assert MAP.place == Cell(1, 1)
    assert MAP.settings(Cell(0, 1)) == {"gain_b": 1.0, "layers": 10}
    assert EXPERIMENT.with_(**MAP.settings(Cell(2, 0))).methods.b.initialiser.gain == 4.0


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (Cell(0, 0), "gain 1, 3 layers: 90% right at rate 0.1 (chance 10%); ξ is 1 layers"),
        (Cell(1, 1), "gain 2, 10 layers: 97% right at rate 0.1 (chance 10%); ξ is infinite"),
        (Cell(2, 0), "gain 4, 3 layers: not trained yet"),
        (Cell(2, 1), "gain 4, 10 layers: 20% right at rate 0.1 (chance 10%)"),
    ],
)
def test_a_cell_is_read_out(cell: Cell, words: str) -> None:
    assert MAP.readout(cell) == words
    assert words in "\n".join(lines(MAP.draw(cell, 90, 20, DARK)))


@pytest.mark.parametrize("size", [(40, 10), (78, 20), (190, 50)])
def test_it_fills_its_place(size: tuple[int, int]) -> None:
    for cursor in (None, Cell(2, 1)):
        picture = lines(MAP.draw(cursor, *size, LIGHT))
        assert [len(line) for line in picture] == [size[0]] * size[1]
        assert sum(line.count("●") for line in picture) == 1


def test_the_line_is_at_the_multiple_of_the_depth_scale() -> None:
    # 6 xi = sqrt(30) is half way between 3 and 10, as logarithms; a row is five lines high
    half_way = chart(math.sqrt(30) / REACH, math.inf, None)
    picture = lines(half_way.draw(None, 100, 1 + 10 + 2 + 4, DARK))
    upper, lower = (next(n for n, line in enumerate(picture) if f" {depth}┤" in line) for depth in (10, 3))
    (at,) = (number for number, line in enumerate(picture) if "━━━━" in line)
    assert upper + lower == pytest.approx(2 * at, abs=1)
    assert lower - upper >= 4

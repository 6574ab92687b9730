"""Charts as text: for any experiment, at any width, with and without colours and Unicode."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from tests.export.writing import to_plot
from tui_initflow import Experiment, simulate, sweep
from tui_initflow.charts.cells import one_of_256, true_colour
from tui_initflow.charts.palette import DARK
from tui_initflow.engine.sweep import SweepPoint, SweepResult
from tui_initflow.export.render import Terminal
from tui_initflow.export.run import verdict
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.findings.summary import summarise
from tui_initflow.pages.parts import Sentence
from tui_initflow.theory.outlook import theory_of

pytestmark = pytest.mark.slow

SMALL = Experiment(layers=4, neurons=9, features=6, runs=5)
EXPERIMENTS = {
    "one run": SMALL.with_(runs=1),
    "one layer": SMALL.with_(layers=1),
    "deep": SMALL.with_(layers=150, neurons=3, runs=2),
    "wide and dead": SMALL.with_(layers=30, neurons=2, activation="relu", a="he-normal", b="he-uniform"),
    "exploding": SMALL.with_(layers=15, activation="relu", gain_a=100.0, b="rand"),
    "equal": SMALL.with_(a="normal"),
    "beyond theory": SMALL.with_(layers=40, activation="softplus", gain_a=1000.0, gain_b=900.0),
    "widths": Experiment(widths=(9, 8, 7, 3), runs=3, sigma_b=0.1, start="signs"),
}
SEQUENCE = re.compile("\x1b\\[[0-9;]*m")


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_any_experiment_can_be_plotted(experiment: Experiment) -> None:
    results, swept, theory = (
        simulate(experiment),
        sweep(experiment, "features", [1, 5]),
        theory_of(experiment, TRAINABLE),
    )

    def plots(terminal: Terminal) -> list[str]:
        return [to_plot(result, terminal) for result in (results, swept, theory)]

    for width, unicode in ((1, True), (7, False), (130, True)):
        palette = DARK if unicode else DARK.in_ascii
        plain = plots(Terminal(width, None, palette))
        coloured = plots(Terminal(width, true_colour, palette))
        for text, painted in zip(plain, coloured, strict=True):
            assert "\x1b" not in text
            assert unicode or text.isascii()
            assert max(map(len, text.splitlines())) <= width
            lines = painted.splitlines()
            assert len(lines) == len(text.splitlines())
            # every cell has a background, so that the chart reads on any terminal
            assert {len(SEQUENCE.sub("", line)) for line in lines} == {width}
            assert all(line.endswith("\x1b[0m") for line in lines)


def test_a_run_has_the_numbers_of_the_summary() -> None:
    results = simulate(SMALL)
    text = to_plot(results, Terminal(100))
    for heading in ("Gradient magnitude through layers", "Pre-activations z by layer", "Gradient at L0 by run"):
        assert heading in text
    _, said = verdict(summarise(results))
    assert text.endswith("".join(f"{one.text}\n" for one in said if isinstance(one, Sentence)))
    assert len(said) == 2


def test_one_run_has_no_chart_of_runs() -> None:
    assert "Gradient at L0 by run" not in to_plot(simulate(SMALL.with_(runs=1)), Terminal())


def test_a_sweep_has_its_caption_and_the_current_point() -> None:
    text = to_plot(sweep(SMALL, "layers", [1, 2, 4, 6]), Terminal())
    assert text.splitlines()[0].startswith("Normal/Uniform over layers")
    assert text.count("●") == 1
    assert "Neurons=9 and Features=6, Layers from 1 to 6; above 1x Normal is larger" in text


def test_ratios_without_a_number_are_marked() -> None:
    points = (SweepPoint(1, np.array([-math.inf, math.inf])), SweepPoint(2, np.array([0.5, 1.0])))
    text = to_plot(SweepResult(SMALL, "layers", points), Terminal())
    assert "×" in text
    assert "nan" in text


def test_a_prediction_says_what_its_line_shows() -> None:
    experiment = Experiment(layers=6)
    text = to_plot(theory_of(experiment, TRAINABLE), Terminal())
    assert "Line: predicted median; shade: 10-90% of the runs." in text
    assert "░" in text
    assert "infinite width only" not in text
    deep = experiment.with_(layers=40, neurons=5)
    assert text.splitlines()[0] == "Uniform vs Normal, 64-50x6, tanh"
    assert "infinite width only" in " ".join(to_plot(theory_of(deep, TRAINABLE), Terminal()).split())
    beyond = EXPERIMENTS["beyond theory"]
    assert "No prediction" in to_plot(theory_of(beyond, TRAINABLE), Terminal())


def test_few_colours_draw_the_same_characters() -> None:
    results = simulate(SMALL)
    many, few = (to_plot(results, Terminal(80, colours)) for colours in (true_colour, one_of_256))
    assert many != few
    assert SEQUENCE.sub("", many) == SEQUENCE.sub("", few)

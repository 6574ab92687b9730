"""Training: what both methods learned, their loss and accuracy over the steps, and four diagnostics of why."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np

from tui_initflow.charts.cells import Picture, Row, Style
from tui_initflow.charts.description import LineChart, Series, ShareMap, Ticks, thinned
from tui_initflow.charts.palette import Palette
from tui_initflow.charts.render import render
from tui_initflow.engine.grid import Cell
from tui_initflow.findings.intervals import Band, band_of_known
from tui_initflow.findings.layers import Layers, LayerSeries, of_training
from tui_initflow.findings.learning import TrainedMap, learning_claims, verdict
from tui_initflow.findings.notation import counted, percent
from tui_initflow.findings.wording import Claim
from tui_initflow.model.pair import SIDES, flat
from tui_initflow.model.training import OPTIMISER_TITLES
from tui_initflow.pages.gradient import known_series
from tui_initflow.pages.parts import Heading, Sentence, picture
from tui_initflow.pages.rows import beside, blank, columns_of, fit, paragraph
from tui_initflow.training.results import Curves, Masked, TrainingResult

LEAST_WIDTH, LEAST_HEIGHT, MOST_COLUMNS = 34, 10, 4
"""Least size of a chart, and how many stand side by side at most."""
SENTENCE = 140
"""Characters that a method's sentence has room for, so that the charts do not jump when it changes."""
HEALTHY_UPDATE = -3.0
"""log10 of update over weight that is recommended (Karpathy): far below, learning crawls; far above, it is unstable."""
SHARES: Ticks = [(share / 100, f"{share}%") for share in (0, 25, 50, 75, 100)]
STEP_TICKS = 10

Measured = Callable[[Curves], Masked]


def training(result: TrainingResult) -> Callable[[int, int, Palette], Picture]:
    """The painter of one training's page. Statistics and claims are worked out when it first draws, and only then.

    It keeps what it drew last: eight charts take 40 ms, so a thread draws them and the screen asks again.
    """
    drawn = partial(page, result, cache(lambda: charts(result)), cache(lambda: tuple(learning_claims(result))))
    return lru_cache(maxsize=2)(drawn)


def page(
    result: TrainingResult,
    described: Callable[[], Sequence[LineChart]],
    checked: Callable[[], Sequence[Claim]],
    width: int,
    height: int,
    palette: Palette,
) -> Picture:
    heading = sentences(result, width, palette)
    columns = min(MOST_COLUMNS, max(1, (width + 1) // (LEAST_WIDTH + 1)))
    lines = -(-len(described()) // columns)
    # where everything fits it fills the page, else the first line of charts does
    room = height - len(heading)
    chart_height = max(LEAST_HEIGHT, room // lines if room // lines >= LEAST_HEIGHT else room)
    return (
        *heading,
        *arranged(described(), columns, width, chart_height, palette),
        *blank(width),
        *picture([Sentence(how_to_read(result), "muted")], width, palette),
        *blank(width),
        *picture([Heading("Claims, checked against this training"), *checked()], width, palette),
    )


def sentences(result: TrainingResult, width: int, palette: Palette) -> Picture:
    """What each method learned, behind a piece of its curves."""
    samples, rows = palette.glyphs.sample, []
    for side, sentence, colour in zip(SIDES, verdict(result), (palette.a, palette.b), strict=True):
        lines = paragraph(sentence, width - 3, Style(palette.text))
        lines = (*lines, *blank(width - 3, -(-SENTENCE // max(width, 1)) - len(lines)))
        rows += [
            fit([(samples[side] if i == 0 else "", Style(colour)), (" " * (1 if i == 0 else 3), Style()), *line], width)
            for i, line in enumerate(lines)
        ]
    return tuple(rows)


def how_to_read(result: TrainingResult) -> str:
    experiment, settings = result.experiment, result.settings
    runs = counted(len(result.a.final_accuracy), "run")
    return (
        f"{OPTIMISER_TITLES[settings.optimizer]} on {settings.data}, {experiment.features} features, batches of "
        f"{settings.batch_size}. Lines: medians of {runs}; shade: 10-90%. By layer, the marks are before training and "
        f"the lines after {counted(result.steps_done, 'step')}. Update over weight: the median layer, shaded from the "
        "lowest to the highest; 1e-03 is recommended. Update and gradient over weight compare standard deviations."
    )


def arranged(described: Sequence[LineChart], columns: int, width: int, height: int, palette: Palette) -> Picture:
    """Charts of one height, side by side in `columns` columns."""
    widths = columns_of(width, columns)
    rows: list[Row] = []
    for first in range(0, len(described), columns):
        line = list(zip(described[first : first + columns], widths, strict=False))
        pictures: list[Picture] = [render(chart, room, height, palette) for chart, room in line]
        rows += beside([*pictures, *[()] * (columns - len(line))], widths, 1)
    return tuple(rows)


def charts(result: TrainingResult) -> list[LineChart]:
    """Loss and accuracy over the steps, the diagnostics, and the search for a learning rate if there was one."""
    flat = result.experiment.network.activation.flat_word
    now, before = of_training(result, -1), of_training(result, 0) if result.steps_done else None
    every = [
        _by_step(result, "Loss", lambda curves: _log10(curves.loss)),
        _by_step(result, "Test accuracy", lambda curves: curves.accuracy, reference=result.chance, y_ticks=SHARES),
        _by_layer("Gradient", now.points, now, before, lambda one: one.gradient),
        _updates(result),
        _by_layer(f"Units {flat}", now.units, now, before, lambda one: one.share, SHARES),
        _by_layer("Gradient spread", now.points, now, before, lambda one: one.spread),
        _by_layer("Gradient / weight", now.units, now, before, lambda one: one.gradient_ratio),
    ]
    # without neurons that are flat there is nothing to see
    if result.experiment.network.activation.flat == "nowhere":
        del every[4]
    return [*every, *_search(result)]


def _log10(values: Masked) -> Masked:
    with np.errstate(divide="ignore"):
        logarithms: Masked = np.ma.MaskedArray(np.log10(values.filled(1.0)), mask=values.mask)
    return logarithms


def _by_step(
    result: TrainingResult, title: str, measured: Measured, reference: float | None = None, y_ticks: Ticks = ()
) -> LineChart:
    bands = {side: band_of_known(measured(result.methods[side].curves)) for side in SIDES}
    steps = result.a.steps.astype(np.float64)
    return LineChart(
        title=f"{title} by step",
        short_title=title,
        series=[known_series("", side, steps, bands[side]) for side in SIDES],
        x_title="Step",
        x_ticks=_step_ticks(result),
        reference=reference,
        y_ticks=y_ticks,
    )


def _updates(result: TrainingResult) -> LineChart:
    """Over the layers, the median, smallest and largest of the medians over the runs."""
    series = []
    for side in SIDES:
        by_layer = band_of_known(result.methods[side].curves.log10_update_ratio).median
        of_layers = Band(np.median(by_layer, axis=1), np.min(by_layer, axis=1), np.max(by_layer, axis=1))
        series.append(known_series("", side, result.a.steps.astype(np.float64), of_layers))
    return LineChart(
        title="Update / weight by step",
        short_title="Update / weight",
        series=series,
        x_title="Step",
        x_ticks=_step_ticks(result),
        reference=HEALTHY_UPDATE,
    )


def _by_layer(
    title: str,
    labels: Sequence[str],
    now: Layers,
    before: Layers | None,
    of: Callable[[LayerSeries], Band | None],
    y_ticks: Ticks = (),
) -> LineChart:
    """Before training, as marks, and now, as lines; the layers that are known of either."""
    places = now.places(labels)

    def curves(name: str, layers: Layers) -> list[Series]:
        spreads = [(side, of(one)) for side, one in layers.sides]
        return [known_series(name, side, places, spread) for side, spread in spreads if spread is not None]

    series, expected = curves("", now), [] if before is None else curves("before", before)
    known = {x for one in (*series, *expected) for x in one.x.tolist()}
    return LineChart(
        title=f"{title} by layer",
        short_title=title,
        series=series,
        x_title="Layer",
        x_ticks=[(x, label) for x, label in zip(places.tolist(), labels, strict=True) if x in known],
        expected=expected,
        y_ticks=y_ticks,
    )


def _step_ticks(result: TrainingResult) -> Ticks:
    steps = thinned(result.settings.steps + 1, STEP_TICKS)
    return [(float(step), f"{step}") for step in steps if step <= result.steps_done]


def _search(result: TrainingResult) -> list[LineChart]:
    """The loss at every rate that was tried; inf where a run diverged."""
    searches = [(training.search, training.rate, side) for side, training in zip(SIDES, result.methods, strict=True)]
    series = [
        Series(f"{rate:g}", side, np.log10(found.rates), np.log10(found.loss))
        for found, rate, side in searches
        if found is not None
    ]
    tried = [rate for search, *_ in searches if search is not None for rate in search.rates]
    # the numbers of a logarithmic axis: those tried beside the best ones stand too close for labels
    decades = [float(f"{first}e{power}") for power in range(-9, 9) for first in (1, 3)]
    rates = [rate for rate in decades if tried and min(tried) <= rate <= max(tried)]
    return [
        LineChart(
            title="Loss by learning rate, best:",
            short_title="Loss by rate",
            series=series,
            x_title="Rate",
            x_ticks=[(math.log10(rate), f"{rate:g}") for rate in rates],
        )
    ][: len(series)]


REACH = 6.0
"""How many depth scales of the correlation deep networks were found to train (Schoenholz et al. 2017, figure 5).

That of the gradient is shorter in the chaotic phase: 8 instead of 17 layers for tanh at gain 1.5.
"""


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
        return {flat("gain", trained.side): self._gains[cell.column], "layers": trained.depths[cell.row]}

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
        tried = (
            f"the best of rates {', '.join(f'{rate:g}' for rate in rates)}" if len(rates) > 1 else f"rate {rates[0]:g}"
        )
        return (
            f"Neurons={experiment.network.widest}, {experiment.activation}, {settings.data}, "
            f"{counted(settings.steps, 'step')} of {OPTIMISER_TITLES[settings.optimizer]}, {tried}, one run. "
            f"━ {REACH:g} ξ, as deep as networks were found to learn; ξ: theory's depth scale of the correlation of "
            "two inputs."
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
        own = self.map.experiment.methods[self.map.trained.side].settings.gain
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

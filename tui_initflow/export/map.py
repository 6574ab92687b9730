"""A trainability map: how well one method's networks learn over gain and depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from tui_initflow.export.data import Json, finite, numbers, settings_of
from tui_initflow.export.train import settings_of_training
from tui_initflow.findings.learning import TrainedMap
from tui_initflow.pages.parts import Chart, Passage

MAP_ROWS = 30


def as_json(of: TrainedMap) -> Mapping[str, Json]:
    """Accuracy by depth and gain, null where a cell is not done."""
    trained = of.trained
    return {
        "settings": {**settings_of(of.experiment), **settings_of_training(of.settings)},
        "gain": list(trained.gains),
        "layers": list(trained.depths),
        "accuracy": [numbers(row.filled(np.nan)) for row in trained.accuracy],
        "theory_depth": [finite(xi) for xi in of.depth_scales],
        "chance": trained.chance,
    }


def charts(of: TrainedMap) -> Iterator[Passage]:
    from tui_initflow.pages.train import TrainedChart

    yield [Chart(partial(TrainedChart(of).draw, None), MAP_ROWS)]

"""The comparisons that come with the program."""

from __future__ import annotations

import pytest

from tui_initflow.model.experiment import Experiment
from tui_initflow.model.presets import PRESETS


def test_presets_are_known_pairs() -> None:
    assert set(PRESETS) == {"demo", "matched", "rand"}
    for preset in PRESETS.values():
        experiment = preset.applied_to(Experiment(layers=3, gain_a=2.0))
        assert preset.is_shown_by(experiment)
        assert (experiment.layers, experiment.gain_a) == (3, 1.0)
    a, b = (method.initialiser for method in PRESETS["matched"].applied_to(Experiment()).methods)
    assert a.variance((9, 4)) == pytest.approx(b.variance((9, 4)))

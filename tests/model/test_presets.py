"""The comparisons that come with the program."""

from __future__ import annotations

import pytest

from tui_initflow.model.experiment import Experiment
from tui_initflow.model.presets import PRESETS


def test_presets_are_known_comparisons() -> None:
    assert set(PRESETS) == {"demo", "matched", "rand", "skips", "scales", "norms"}
    for preset in PRESETS.values():
        experiment = preset.applied_to(Experiment(seed=3, gain_a=2.0, block_b="residual"))
        assert preset.is_shown_by(experiment)
        assert (experiment.seed, experiment.a.gain) == (3, 1.0)


def test_the_demo_comes_back_as_a_whole() -> None:
    changed = Experiment(widths=(9, 7, 7), activation="relu", sigma_b=0.1, start="signs", format="fp16", runs=4, seed=3)
    assert not PRESETS["demo"].is_shown_by(changed)
    assert PRESETS["demo"].applied_to(changed) == Experiment(runs=4, seed=3)


def test_pairs_of_initialisers_leave_the_network_as_it_is_and_its_layers_plain() -> None:
    network = Experiment(layers=3, activation="relu", block_a="pre-norm", norm_a="rms", branch_scale_a=0.5)
    for name in ("matched", "rand"):
        experiment = PRESETS[name].applied_to(network)
        assert (experiment.layers, experiment.activation) == (3, "relu")
        assert all(method.block.is_plain for method in experiment.methods)
    a, b = (method.initialiser for method in PRESETS["matched"].applied_to(Experiment()).methods)
    assert a.variance((9, 4)) == pytest.approx(b.variance((9, 4)))

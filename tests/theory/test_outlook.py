"""What theory says of an experiment can be left at any time."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

from tui_initflow.engine.pool import Cancelled
from tui_initflow.engine.runs import simulate
from tui_initflow.model.experiment import Experiment
from tui_initflow.theory import batch_norm, outlook
from tui_initflow.theory.outlook import outlook_of

LAYERS = 12
EXPERIMENTS = {
    "plain": Experiment(layers=LAYERS),
    "weights with a mean": Experiment(layers=LAYERS, a="rand"),
    "widths": Experiment(widths=(64, *[20, 30] * (LAYERS // 2)), activation="gelu"),
    "skips": Experiment(layers=LAYERS, block_a="residual"),
    "batch norm": Experiment(layers=LAYERS, norm_a="batch", batch=16),
}


def outlook_afresh(experiment: Experiment, cancel: threading.Event) -> outlook.Outlook:
    for known in (outlook._trainable_depth, outlook._preserving_gain):
        known.cache_clear()
    return outlook_of(experiment, "a", 1e-3, cancel)


class SetAfter(threading.Event):
    """An event that is set when it has been looked at so often."""

    def __init__(self, looks: float) -> None:
        super().__init__()
        self.left = looks
        self.looks = 0

    def is_set(self) -> bool:
        self.looks += 1
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_stop_is_looked_for_in_every_layer_of_either_pass(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_norm, "NEURONS", 256)
    monkeypatch.setattr(batch_norm, "SAMPLE", 0)
    never = SetAfter(math.inf)
    outlook_afresh(EXPERIMENTS[name], never)
    assert never.looks >= 2 * LAYERS
    for looks in (0, LAYERS, never.looks - 1):
        at = SetAfter(looks)
        with pytest.raises(Cancelled):
            outlook_afresh(EXPERIMENTS[name], at)
        assert at.looks == looks + 1


def test_depth_and_gain_are_found_once_for_whatever_changes_neither() -> None:
    first, again, other, stopped = SetAfter(math.inf), SetAfter(math.inf), SetAfter(math.inf), SetAfter(2)
    experiment = EXPERIMENTS["plain"]
    with pytest.raises(Cancelled):
        outlook_afresh(experiment, stopped)
    found = outlook_of(experiment, "a", 1e-3, first)
    known = outlook_of(experiment.with_(runs=7, seed=8), "a", 1e-3, again)
    assert (known.trainable_depth, known.preserving_gain) == (found.trainable_depth, found.preserving_gain)
    assert again.looks < first.looks / 2
    at_a_tenth = outlook_of(experiment, "a", 0.1, other)
    assert found.trainable_depth is not None
    assert at_a_tenth.trainable_depth is not None
    assert at_a_tenth.trainable_depth.vanishing != found.trainable_depth.vanishing


@pytest.mark.parametrize("block", ["plain", "residual"])
def test_nothing_is_predicted_of_random_signs_before_weights_with_a_mean(block: str) -> None:
    """Their sum is sqrt(n), times a mean of 1 / sqrt(n): an effect at every width, which infinite width has not."""
    experiment = Experiment(a="rand", activation="relu", layers=6, start="signs", block_a=block, runs=40)
    outlook = outlook_of(experiment, "a", 1e-3)
    assert "random signs" in str(outlook.prediction.reason)
    assert np.isnan(outlook.prediction.log10_gradient).all()
    assert outlook.trainable_depth is None
    # without the mean there is a prediction, and it holds
    zero = experiment.with_(a="he-normal", block_a="plain")
    predicted = outlook_of(zero, "a", 1e-3).prediction.log10_gradient[0]
    measured = np.log10(np.mean(10 ** simulate(zero).a.log10_final))
    assert abs(predicted - measured) < 0.2

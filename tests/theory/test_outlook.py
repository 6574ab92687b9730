"""What theory says of an experiment can be left at any time."""

from __future__ import annotations

import threading

import pytest

from tui_initflow.engine.pool import Cancelled
from tui_initflow.model.experiment import Experiment
from tui_initflow.theory import batch_norm
from tui_initflow.theory.outlook import outlook_of

LAYERS = 12
EXPERIMENTS = {
    "plain": Experiment(layers=LAYERS),
    "weights with a mean": Experiment(layers=LAYERS, a="rand"),
    "widths": Experiment(widths=(64, *[20, 30] * (LAYERS // 2)), activation="gelu"),
    "skips": Experiment(layers=LAYERS, block_a="residual"),
    "batch norm": Experiment(layers=LAYERS, norm_a="batch", batch=16),
}


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
    never = SetAfter(float("inf"))
    outlook_of(EXPERIMENTS[name], "a", 1e-3, never)
    assert never.looks >= 2 * LAYERS
    for looks in (0, LAYERS, never.looks - 1):
        at = SetAfter(looks)
        with pytest.raises(Cancelled):
            outlook_of(EXPERIMENTS[name], "a", 1e-3, at)
        assert at.looks == looks + 1

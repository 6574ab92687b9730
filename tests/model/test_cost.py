"""What runs cost, told from the settings: in proportion to what they draw."""

from __future__ import annotations

import pytest

from tui_initflow.model.cost import duration, expected_seconds
from tui_initflow.model.experiment import Experiment

WIDE = Experiment(layers=100, neurons=1000, runs=10)


def test_more_runs_and_more_weights_take_longer_in_proportion() -> None:
    assert expected_seconds(WIDE.with_(runs=20)) == pytest.approx(2 * expected_seconds(WIDE), rel=0.01)
    assert expected_seconds(WIDE.with_(neurons=2000)) == pytest.approx(4 * expected_seconds(WIDE), rel=0.2)


def test_orthogonal_weights_and_many_inputs_take_longer_and_none_at_all_less() -> None:
    drawn = WIDE.with_(sampler="explicit")
    assert expected_seconds(drawn.with_(b="orthogonal")) > 20 * expected_seconds(drawn)
    assert expected_seconds(drawn.with_(norm_b="batch", batch=16)) > 2 * expected_seconds(drawn)
    assert expected_seconds(WIDE.with_(a="normal")) < 0.1 * expected_seconds(drawn)


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (40.2, "40 s"), (180, "3 min"), (36_000, "10 h")])
def test_durations_are_short(seconds: float, words: str) -> None:
    assert duration(seconds) == words

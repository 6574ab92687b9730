"""The one table of thresholds."""

from __future__ import annotations

import math

import pytest

from tui_initflow.findings.status import STATUSES, TRAINABLE, status


@pytest.mark.parametrize(
    ("gradient", "word"),
    [
        (0.0, "dead"),
        (0.99e-3, "dead"),
        (1e-3, "weak"),
        (0.099, "weak"),
        (0.1, "healthy"),
        (10.0, "healthy"),
        (10.1, "exploding"),
        (math.inf, "exploding"),
    ],
)
def test_the_word_for_a_gradient(gradient: float, word: str) -> None:
    assert status(math.log10(gradient) if gradient else -math.inf) == word


def test_a_network_is_trainable_where_its_gradient_is_not_dead() -> None:
    assert STATUSES[0] == ("dead", math.log10(TRAINABLE))

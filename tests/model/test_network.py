"""Which sampler a method gets, as a matter of the settings alone, and what is allowed with each."""

from __future__ import annotations

from typing import Any

import pytest

from tui_initflow.model.experiment import NORMED_SIGNALS, WIDE_SIGNALS, Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.network import AUTO_NEURONS, DRAWN_NEURONS, has_implicit
from tui_initflow.model.settings import SettingError

EXACT = {"normal", "glorot-normal", "he-normal", "lecun-normal", "orthogonal"}


def samplers(**settings: Any) -> tuple[str, str]:
    methods = Experiment(**settings).methods
    return methods.a.sampler, methods.b.sampler


def refused(**settings: Any) -> SettingError:
    with pytest.raises(SettingError) as caught:
        Experiment(**settings)
    return caught.value


def test_normal_and_orthogonal_weights_need_not_be_drawn() -> None:
    assert {name for name, row in INITIALISERS.items() if has_implicit(row.distribution, 1)} == EXACT
    assert not any(has_implicit(row.distribution, 2) for row in INITIALISERS.values())
    for name in (*INITIALISERS, "normal:2/fan_in", "orthogonal:std=0.1", "truncated-normal:std=0.1"):
        is_exact = name in EXACT or name.startswith(("normal:", "orthogonal:"))
        expected = "implicit" if is_exact else "explicit"
        assert samplers(a=name, neurons=AUTO_NEURONS) == (expected, "implicit")


def test_auto_draws_no_weights_of_wide_layers() -> None:
    narrow: tuple[dict[str, Any], ...] = (
        {"neurons": AUTO_NEURONS - 1},
        {"features": 65536},
        {"layers": 1000},
        {"widths": (400, 255, 9)},
    )
    wide: tuple[dict[str, Any], ...] = ({"neurons": AUTO_NEURONS}, {"widths": (4, 9, AUTO_NEURONS, 9)})
    for sizes in narrow:
        assert samplers(a="normal", **sizes) == ("explicit", "explicit")
    for sizes in wide:
        assert samplers(a="orthogonal", **sizes) == ("implicit", "implicit")
        assert samplers(a="orthogonal", sampler="explicit", **sizes) == ("explicit", "explicit")
    assert samplers(a="normal", neurons=400, norm_a="batch", norm_b="layer") == ("explicit", "implicit")
    assert samplers(a="normal", sampler="implicit", neurons=1) == ("implicit", "implicit")


def test_implicit_is_refused_where_it_is_not_exact() -> None:
    inexact: tuple[tuple[dict[str, Any], str], ...] = (
        ({"a": "rand"}, "rand"),
        ({"a": "normal", "norm_b": "batch"}, "batch norm"),
    )
    for settings, word in inexact:
        error = refused(sampler="implicit", **settings)
        assert (error.field, word in error.problem) == ("sampler", True)
        assert "normal or orthogonal" in error.allowed


def test_weights_of_too_wide_layers_are_not_drawn() -> None:
    widest = 1 << 20
    assert Experiment(a="normal", neurons=widest).network.widest == widest
    too_wide: tuple[tuple[dict[str, Any], str], ...] = (
        ({"neurons": DRAWN_NEURONS + 1}, "neurons"),
        ({"widths": (5, DRAWN_NEURONS + 1, 5)}, "widths"),
        ({"neurons": DRAWN_NEURONS + 1, "a": "normal", "sampler": "explicit"}, "neurons"),
        ({"neurons": DRAWN_NEURONS + 1, "a": "normal", "norm_a": "batch"}, "neurons"),
    )
    for settings, field in too_wide:
        error = refused(**settings)
        assert (error.field, f"1 to {DRAWN_NEURONS}" in error.allowed) == (field, True)
    assert Experiment().most_neurons == Experiment(a="normal", sampler="explicit").most_neurons == DRAWN_NEURONS
    assert Experiment(a="orthogonal").most_neurons == widest


def test_signals_of_all_layers_have_to_fit_in_memory() -> None:
    wide = Experiment(a="normal", neurons=1 << 20)
    assert wide.network.neurons == WIDE_SIGNALS
    assert "do not fit in memory" in refused(a="normal", neurons=1 << 20, layers=11).problem
    normed: dict[str, Any] = {"a": "normal", "norm_a": "layer", "neurons": 1 << 20}
    assert refused(**normed, layers=NORMED_SIGNALS // (1 << 20) + 1).field == "neurons"
    assert Experiment(**normed, layers=NORMED_SIGNALS // (1 << 20)).signals == NORMED_SIGNALS


def test_numbers_drawn_for_a_run() -> None:
    """Of the method that draws more: weights, or a number for each end of each layer."""
    sizes: dict[str, Any] = {"widths": (3, 300, 5)}
    assert Experiment(**sizes).drawn == 3 * 300 + 300 * 5
    assert Experiment(a="normal", **sizes).drawn == 3 + 300 + 300 + 5

"""The weights that fit together: which do, and that signals go through them by the equations."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.checkpoints.samples import measured
from tui_initflow import Experiment, simulate
from tui_initflow.checkpoints import chain as chain_module
from tui_initflow.checkpoints.chain import Propagated, find_chain, propagate
from tui_initflow.checkpoints.opening import open_checkpoint
from tui_initflow.checkpoints.scan import scan
from tui_initflow.checkpoints.sources import CheckpointError
from tui_initflow.engine import reference
from tui_initflow.engine.streams import Slot, Stream
from tui_initflow.engine.weights import drawn_numbers
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.initialisers import INPUT, Uniform
from tui_initflow.theory.outlook import theory_of

TEMPLATE = Experiment(activation="tanh", b="he-normal", runs=5, seed=3)


def weights(*sizes: int, seed: int = 0, scale: float = 1.0) -> list[NDArray[Any]]:
    source = np.random.default_rng(seed)
    return [source.normal(size=(above, below)) * scale / np.sqrt(below) for below, above in itertools.pairwise(sizes)]


def named(layers: list[NDArray[Any]], word: str = "__weight") -> dict[str, Any]:
    return {f"{at}{word}": w for at, w in enumerate(layers)}


def propagated(template: Experiment = TEMPLATE, **arrays: NDArray[Any]) -> Propagated:
    return propagate(find_chain([*measured(**arrays).values()]), template, "file")


def names(pattern: str | None = None, **shapes: tuple[int, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = find_chain([*measured(**{name: np.ones(shape) for name, shape in shapes.items()}).values()], pattern)
    return found.names, found.left_out


def by_equations(layers: list[NDArray[Any]], template: Experiment, run: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """log10 of the gradient at L0 … L{L}, and z_1, of one run, from the reference."""

    def numbers(slot: Slot, distribution: Uniform, count: int) -> NDArray[Any]:
        stream = Stream(template.seed, slot)
        drawn = drawn_numbers(stream, 0, range(run, run + 1), distribution, count, lambda: None)
        return np.asarray(drawn[0], np.float64)

    f, width = ACTIVATIONS[template.activation], len(layers[-1])
    h = reference.preactivations(
        numbers(Slot.X, INPUT, layers[0].shape[1]), layers, [np.zeros(len(w)) for w in layers], f
    )
    signs = np.copysign(1.0, numbers(Slot.OUTPUT_GRADIENT, Uniform(-1, 1), width))
    g = np.ones(width) if template.start == "ones" else signs
    return reference.log10_gradient(reference.deltas(h, layers, g, f)), h[0]


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
@pytest.mark.parametrize("start", ["ones", "signs"])
def test_signals_follow_the_equations_with_these_very_weights(activation: str, start: str) -> None:
    layers = weights(30, 50, 20, 40, seed=1, scale=1.3)
    template = TEMPLATE.with_(activation=activation, start=start)
    result = propagated(template, **named(layers)).method
    for run in range(template.runs):
        expected, _ = by_equations(layers, template, run)
        np.testing.assert_allclose(result.log10_gradient[run], expected, atol=2e-5)
    z = np.stack([by_equations(layers, template, run)[1] for run in range(template.runs)])
    assert result.preactivation.std[0] == pytest.approx(z.std(), rel=1e-5)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_no_size_of_weights_under_or_overflows(scale: float) -> None:
    layers = weights(20, 20, 20, 20, 20, seed=2, scale=scale)
    result = propagated(TEMPLATE.with_(activation="relu"), **named(layers)).method
    at_1 = propagated(TEMPLATE.with_(activation="relu"), **named([w / scale for w in layers])).method
    # three backward steps from L3 to L0
    np.testing.assert_allclose(
        result.log10_gradient, at_1.log10_gradient + np.log10(scale) * np.array([3, 2, 1, 0, 0]), atol=1e-4
    )


def test_b_beside_it_is_what_run_draws() -> None:
    layers = weights(16, 24, 256, 8, seed=4)
    result = propagated(**named(layers))
    assert result.fresh is not None
    alone = simulate(Experiment(widths=(16, 24, 256, 8), b="he-normal", sampler="explicit", runs=5, seed=3))
    np.testing.assert_array_equal(result.fresh.log10_gradient, alone.b.log10_gradient)
    assert result.fresh.preactivation.std == pytest.approx(alone.b.preactivation.std)


def test_theory_of_its_mean_sigma_w_predicts_its_gradient() -> None:
    result = propagated(**named(weights(16, 64, 64, 64, seed=5, scale=0.8)))
    assert result.chain.sigma_w == pytest.approx(0.8, rel=0.1)
    assert result.experiment is not None
    predicted = theory_of(result.experiment, 1e-3).outlooks.a.prediction.log10_gradient[0]
    assert predicted == pytest.approx(np.median(result.method.log10_final), abs=0.5)


def test_layers_are_in_natural_order_or_that_of_the_file() -> None:
    assert names(fc10=(4, 4), fc9=(4, 5), fc2=(5, 3)) == (("fc2", "fc9", "fc10"), ())
    assert names(input=(4, 3), hidden=(5, 4), output=(2, 5)) == (("input", "hidden", "output"), ())
    chain, left_out = names(a=(4, 3), b=(4, 3), c=(5, 4), d=(9, 9))
    assert (chain, left_out) == (("b", "c"), ("a", "d"))
    assert names(only=(3, 2)) == (("only",), ())


def test_a_pattern_chooses_the_weights_which_have_to_fit() -> None:
    assert names("mlp*", mlp1=(4, 3), other=(7, 7), mlp2=(5, 4)) == (("mlp1", "mlp2"), ("other",))
    with pytest.raises(CheckpointError, match=r"^b has fan_in 7, but a before it has fan_out 4$"):
        names("*", a=(4, 3), b=(7, 7))
    with pytest.raises(CheckpointError, match=r"^no 2-D weight matches x\*$"):
        names("x*", a=(4, 3))


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"bias": np.ones(3)}, "it has no 2-D weights"),
        ({"a": np.ones((3, 2)), "b": np.ones((4, 5))}, "no two neighbours fit: b has fan_in 5, but a before it has"),
        ({"a": np.full((3, 2), np.nan)}, "a has NaN"),
        ({"a": np.full((3, 2), np.inf)}, "a has infinities"),
    ],
)
def test_what_does_not_chain_is_said(arrays: dict[str, NDArray[Any]], reason: str) -> None:
    with pytest.raises(CheckpointError, match=f"^{reason}"):
        find_chain([*measured(**arrays).values()])


def test_a_network_beyond_the_limits_goes_without_a_fresh_draw() -> None:
    result = propagated(weight=np.ones((2049, 2)) * 0.1)
    assert result.fresh is None
    assert result.experiment is None
    assert result.note is not None
    assert "2049" not in result.chain.names
    assert "widths" in result.note
    assert np.isfinite(result.method.log10_gradient).all()


def test_weights_of_zero_pass_nothing_on() -> None:
    result = propagated(a=np.ones((3, 2)), b=np.zeros((3, 3)), c=np.ones((2, 3))).method
    assert np.isneginf(result.log10_gradient[:, 0]).all()
    assert np.isfinite(result.log10_gradient[:, 1:]).all()


@pytest.mark.parametrize("kept", [0, 1 << 24])
def test_storage_by_columns_and_in_a_file_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    layers = weights(30, 400, 500, 20, seed=6)
    monkeypatch.setattr(chain_module, "KEPT_WEIGHTS", kept)
    expected = propagated(**named(layers)).method.log10_gradient
    np.savez(tmp_path / "fortran.npz", **named([np.asfortranarray(w) for w in layers]))
    np.savez(tmp_path / "kernels.npz", **named([np.ascontiguousarray(w.T) for w in layers], "/kernel"))
    for name in ("fortran.npz", "kernels.npz"):
        found = find_chain(scan(open_checkpoint(tmp_path / name)))
        assert found.sizes == (30, 400, 500, 20)
        np.testing.assert_allclose(propagate(found, TEMPLATE, "x").method.log10_gradient, expected, atol=1e-5)

"""Numbers from the smallest to the largest that a type can hold: every statistic is right, and nothing overflows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.checkpoints.samples import measured, tensor
from tui_initflow import Experiment
from tui_initflow.checkpoints.chain import find_chain, propagate
from tui_initflow.checkpoints.changes import changes, moved, snapshots
from tui_initflow.checkpoints.scan import Measured, histogram
from tui_initflow.checkpoints.tensors import Checkpoint, times_power

SOURCE = np.random.default_rng(0)
MATRIX = SOURCE.normal(size=(48, 40)) + 0.1
SMALL_MATRIX, VECTOR = MATRIX[:6, :5], MATRIX.ravel()[:300]
EXPONENTS = (-1060, -1022, -700, -300, -150, -90, 0, 90, 120, 300, 520, 700, 1000, 1021)
"""Of two: subnormal numbers, those whose squares or fourth powers float32 or float64 cannot hold, and the largest."""


def at(exponent: int, values: NDArray[Any]) -> NDArray[np.float64]:
    """The values times 2^exponent, none beyond float64."""
    scaled: NDArray[np.float64] = np.ldexp(values / np.abs(values).max(), exponent + 2)
    return scaled


def ordinary(x: NDArray[Any]) -> tuple[NDArray[np.float64], int]:
    """Numbers up to 1, and the exponent of two to bring them back."""
    exponent = math.frexp(np.abs(x).max())[1]
    return np.ldexp(x.astype(np.float64), -exponent), exponent


def check(one: Measured, x: NDArray[Any]) -> None:
    """Beside numpy's on numbers of ordinary size."""
    y, exponent = ordinary(x)
    singular = np.linalg.svd(y, compute_uv=False) if x.ndim > 1 else np.zeros(1)
    # a subnormal result has fewer digits
    for name, value, rel in (
        ("mean", y.mean(), 1e-5),
        ("std", y.std(), 1e-5),
        ("frobenius_norm", np.linalg.norm(y), 1e-5),
        ("spectral_norm", singular[0], 0.01),
    ):
        found = getattr(one, name)
        if found is not None:
            assert found == pytest.approx(times_power(float(value), exponent), rel=rel, abs=5e-324), name
    assert one.excess_kurtosis == pytest.approx(np.mean(((y - y.mean()) / y.std()) ** 4) - 3, abs=1e-3)
    assert (one.low, one.high) == (x.min(), x.max())
    if one.stable_rank is not None:
        assert one.stable_rank == pytest.approx(np.square(singular / singular[0]).sum(), rel=0.02)


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_statistics_are_right_at_every_magnitude(exponent: int) -> None:
    arrays = {"fc__weight": MATRIX, "small__weight": SMALL_MATRIX, "norm__bias": VECTOR}
    scaled = {name: at(exponent, values) for name, values in arrays.items()}
    for name, one in zip(arrays, measured(**scaled).values(), strict=True):
        check(one, scaled[name])
    narrow = {
        name: array.astype(np.float32)
        for name, array in scaled.items()
        if 2.0**-140 < np.abs(array).max() < np.finfo(np.float32).max
    }
    for name, one in zip(narrow, measured(**narrow).values(), strict=True):
        check(one, narrow[name].astype(np.float64))


LARGEST = np.finfo(np.float64).max


@pytest.mark.parametrize(
    "values", [[LARGEST, -LARGEST], [LARGEST] * 4, [1e100, -1e99], [5e-324, 0.0, -5e-324]], ids=str
)
def test_the_ends_of_float64_have_statistics_and_a_histogram(values: list[float]) -> None:
    x = np.array(values)
    (one,) = measured(x=x).values()
    y, exponent = ordinary(x)
    assert one.mean == pytest.approx(math.ldexp(y.mean(), exponent), rel=1e-12, abs=5e-324)
    assert one.std == pytest.approx(times_power(y.std(), exponent), rel=1e-12, abs=5e-324)
    drawn = histogram(one)
    assert drawn.counts.sum() == len(x)
    assert math.isfinite(drawn.low)
    assert math.isfinite(drawn.high)


def test_copies_and_orthogonal_weights_are_recognised_at_every_magnitude() -> None:
    q = np.linalg.qr(SOURCE.normal(size=(40, 40)))[0]
    for gain in (1e-300, 1e-100, 1e-10, 1.0, 2.5, 1e100, 1e300):
        one, copy = measured(a__weight=q * gain, b__weight=q * gain).values()
        assert one.looks_like == ("orthogonal" if gain == 1 else f"orthogonal x{gain:g}")
        assert copy.duplicate_of == "a.weight"


@pytest.mark.parametrize(
    ("before", "after"), [(-1000, -1000), (-300, -200), (-40, 0), (300, 300), (0, 900), (1000, 1000)]
)
def test_changes_are_right_at_every_magnitude(before: int, after: int) -> None:
    w, v = at(before, MATRIX), at(after, MATRIX + SOURCE.normal(size=MATRIX.shape) / 5)
    files = [Checkpoint("file", (tensor("w", x),)) for x in (w, v)]
    (one,) = changes(*files).common
    (y, unit), (z, other) = ordinary(w), ordinary(v)
    most = max(unit, other)
    step = np.linalg.norm(np.ldexp(z, other - most) - np.ldexp(y, unit - most))
    assert one.relative == pytest.approx(times_power(float(step / np.linalg.norm(y)), most - unit), rel=1e-9)
    assert one.cosine == pytest.approx(np.sum(y * z) / np.linalg.norm(y) / np.linalg.norm(z), rel=1e-9)
    assert one.norm_after == pytest.approx(times_power(float(np.linalg.norm(z, 2)), other), rel=1e-2)
    assert one.is_finite
    first, second = (snapshots(file)["w"] for file in files)
    # samples are kept in float32
    assert moved(first, second) == pytest.approx(one.relative, rel=1e-5)
    assert second.norm == pytest.approx(times_power(float(np.linalg.norm(z)), other), rel=1e-12)


def gradients(activation: str, sizes: tuple[float, ...], template: NDArray[Any]) -> NDArray[Any]:
    """log10 of the gradient by layer, of weights that are the template times these sizes."""
    arrays = {f"fc{at}__weight": template * size for at, size in enumerate(sizes)}
    chain = find_chain(list(measured(**arrays).values()))
    propagated = propagate(chain, Experiment(activation=activation, runs=3), "file")
    return np.median(propagated.method.log10_gradient, axis=0)


@pytest.mark.parametrize("size", [1e-300, 1e-150, 1e-30, 1e30, 1e150, 1e300])
def test_signals_pass_through_weights_of_every_magnitude(size: float) -> None:
    """Of a network whose f commutes with positive factors, gradients have those of the weights above."""
    w = SOURCE.normal(size=(30, 30)) / np.sqrt(15)
    ordinary = gradients("relu", (1, 1, 1, 1), w)
    above = np.array([1, 1, 0, 0, 0]) * np.log10(size)
    np.testing.assert_allclose(gradients("relu", (1, 1, size, 1), w), ordinary + above, atol=1e-4)
    both_ways = gradients("relu", (size, 1, 1 / size, 1), w)
    np.testing.assert_allclose(both_ways, ordinary - above, atol=1e-4)

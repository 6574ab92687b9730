"""Orthogonal matrices: exact, and drawn evenly from all there are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from tui_initflow.engine.runs import simulate
from tui_initflow.engine.weights import orthogonalise
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import Shape


def matrices(shape: Shape, runs: int, seed: int = 3) -> NDArray[np.float64]:
    """(runs, fan_out, fan_in), with orthonormal rows or columns."""
    numbers = np.random.default_rng(seed).standard_normal((runs, *shape)).astype(np.float32)
    orthogonalise(numbers, lambda: None)
    return numbers.astype(np.float64) / math.sqrt(max(shape))


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (50, 50), (30, 80), (80, 30), (300, 300), (200, 400)])
def test_rows_or_columns_are_orthonormal(shape: Shape) -> None:
    for w in matrices(shape, 3):
        gram = w @ w.T if shape[0] <= shape[1] else w.T @ w
        np.testing.assert_allclose(gram, np.eye(min(shape)), atol=2e-5)


@pytest.mark.parametrize("shape", [(4, 4), (3, 6), (6, 3)])
def test_the_law_is_that_of_haar(shape: Shape) -> None:
    runs, n = 40_000, max(shape)
    w = matrices(shape, runs)
    # moments of an entry of a unit vector that is uniform on the sphere, and of two entries of a row
    for moment, expected, fourth in (
        (w[:, 0, 0], 0.0, 1 / n),
        (w[:, 0, 0] ** 2, 1 / n, 3 / (n * (n + 2))),
        (w[:, -1, -1] ** 2, 1 / n, 3 / (n * (n + 2))),
    ):
        assert abs(moment.mean() - expected) < 5 * math.sqrt(fourth / runs)
    assert abs((w[:, 0, 0] ** 4).mean() - 3 / (n * (n + 2))) < 5 * math.sqrt(105 / n**4 / runs)
    # a QR decomposition that keeps LAPACK's signs would always have a negative corner
    assert abs((w[:, 0, 0] > 0).mean() - 0.5) < 5 * 0.5 / math.sqrt(runs)


def test_square_matrices_turn_and_mirror() -> None:
    runs = 10_000
    mirrored = (np.linalg.det(matrices((3, 3), runs)) < 0).mean()
    assert abs(mirrored - 0.5) < 5 * 0.5 / math.sqrt(runs)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("neurons", [5, 40])
def test_results_do_not_depend_on_batches_or_threads(neurons: int, threads: int) -> None:
    experiment = Experiment(a="orthogonal", b="orthogonal", neurons=neurons, layers=4, runs=7)
    together = simulate(experiment, threads=threads)
    single = [simulate(experiment.with_(runs=1), first_run=run) for run in range(7)]
    for side in ("a", "b"):
        alone = [getattr(result, side).log10_final[0] for result in single]
        np.testing.assert_array_equal(getattr(together, side).log10_final, alone)


def test_runs_scatter_less_than_with_normal_weights() -> None:
    results = simulate(Experiment(a="orthogonal", b="lecun-normal", runs=400))
    # theory.md: standard deviation of ln 0.094 against 0.35
    assert results.a.log10_final.std() < 0.5 * results.b.log10_final.std()

"""Blocks are rows of steps: a new row works everywhere, and a step that has no code is refused everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from tests.engine.fixed_weights import random_weights
from tests.training.samples import random_batch
from tui_initflow.engine import passes, reference
from tui_initflow.engine.pool import unstopped
from tui_initflow.engine.products import first_layer
from tui_initflow.findings.snippets import pytorch_module
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model import blocks
from tui_initflow.model.blocks import BLOCKS, NORMS, PLAIN, Activate, Add, Block, BlockRow, Linear, Normalise
from tui_initflow.model.experiment import Experiment
from tui_initflow.theory.blocks import predict_blocks
from tui_initflow.theory.outlook import laws_of
from tui_initflow.training.classifier import Classifier, Parameters

TANH = ACTIVATIONS["tanh"]
SANDWICH = BlockRow(lambda norm, c: (*norm, Activate(), Linear(), Add(c), *norm), ("layer",))


@dataclass(frozen=True)
class Attend:
    """A step that nothing knows."""


UNKNOWN = BlockRow(lambda norm, c: (Activate(), Linear(), Attend()), ("none",))  # type: ignore[arg-type, return-value]


def with_row(monkeypatch: pytest.MonkeyPatch, row: BlockRow, norm: str) -> Block:
    rows: Mapping[str, BlockRow] = {**{str(kind): row for kind, row in BLOCKS.items()}, "new": row}
    monkeypatch.setattr(blocks, "BLOCKS", rows)
    return Block("new", norm, 0.5)  # type: ignore[arg-type]


def test_the_head_is_what_a_further_layer_would_take_its_product_of() -> None:
    assert PLAIN.head == (Activate(),)
    assert Block("plain", "rms").head == (*NORMS["rms"], Activate())
    assert {Block(kind, "layer").head for kind in BLOCKS if kind != "plain"} == {(Activate(),)}


def test_every_row_begins_with_f_of_what_is_carried_and_the_weights() -> None:
    for kind, row in BLOCKS.items():
        for norm in row.norms:
            block = Block(kind, norm)
            assert {step for step in block.steps if isinstance(step, Normalise)} == set(NORMS[norm])
            first, second = [step for step in block.steps if not isinstance(step, Normalise)][:2]
            assert (first, second) == (Activate(), Linear())
            assert block.steps[: block.steps.index(Activate())] in ((), NORMS[norm])
            assert [type(step) for step in block.steps].count(Linear) == 1


def passed(block: Block, h_1: Any, weights: Any, g: Any) -> Any:
    networks = passes.Networks(weights, TANH, block)
    up = passes.forward(networks, h_1, unstopped)
    return up.h, passes.backward(networks, up, g)


def test_a_new_row_needs_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Norms on both sides of the branch: forward as written here, and backward by differences."""
    block = with_row(monkeypatch, SANDWICH, "layer")
    weights = random_weights([3, 5, 5, 5], 1, [1.0] * 3)
    x, g = np.array([[0.3, 0.5, 0.7]]), np.random.default_rng(1).standard_normal((1, 5))

    def normed(h: Any) -> Any:
        return (h - h.mean()) / np.sqrt(h.var() + 1e-5)

    def above(h: Any, layers: int) -> Any:
        for matrix in weights.matrices[layers:]:
            h = normed(h + 0.5 * matrix[0] @ np.tanh(normed(h)))
        return h

    h_1 = first_layer(x, weights)
    h, (log10_gradient,) = passed(block, h_1, weights, g)
    np.testing.assert_allclose(h.by_layer(h.signals)[-1][0], above(h_1[0], 1), rtol=1e-12)

    def loss(h: Any) -> float:
        return float(np.sum(g * np.tanh(above(h, 1))))

    step = 1e-6
    delta = [(loss(h_1[0] + unit) - loss(h_1[0] - unit)) / (2 * step) for unit in step * np.eye(5)]
    assert 10 ** log10_gradient[0, 0] == pytest.approx(np.abs(delta).mean(), rel=1e-6)


def test_training_takes_a_new_row(monkeypatch: pytest.MonkeyPatch) -> None:
    block = with_row(monkeypatch, SANDWICH, "layer")
    shapes = [(5, 3), (5, 5), (5, 5), (4, 5)]
    flat = np.random.default_rng(0).standard_normal((1, sum(a * (b + 1) for a, b in shapes)))
    of, (x, y) = Classifier(TANH, block, unstopped), random_batch(1, 3, 4, 6)
    out = Parameters.of(np.empty_like(flat), shapes)
    of.gradients(Parameters.of(flat, shapes), x, y, out)
    for at in range(0, flat.size, 7):
        unit = np.zeros_like(flat)
        unit[0, at] = 1e-6
        up, down = (of.loss(Parameters.of(flat + part, shapes), x, y)[0] for part in (unit, -unit))
        assert out.flat[0, at] == pytest.approx((up - down) / 2e-6, rel=1e-4, abs=1e-8)


def test_a_norm_or_a_row_without_an_equation_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the oracle, which has tables of its own, and a norm by the code to copy, which names PyTorch's."""
    new: Any = "new"
    monkeypatch.setattr(blocks, "NORMS", {**NORMS, new: (Normalise("inputs", centred=False),)})
    block, eye, zeros = Block("plain", new), np.eye(2), np.zeros(2)
    with pytest.raises(KeyError, match="new"):
        reference.preactivations(zeros, [eye, eye], [zeros, zeros], TANH, block)
    experiment = Experiment(layers=2)
    with pytest.raises(KeyError, match="centred=False"):
        pytorch_module(experiment.network, replace(experiment.methods.a, block=block))
    block = with_row(monkeypatch, SANDWICH, "layer")
    with pytest.raises(AssertionError, match="new"):
        reference.preactivations(zeros, [eye, eye], [zeros, zeros], TANH, block)


def test_a_step_without_code_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    block = with_row(monkeypatch, UNKNOWN, "none")
    weights, experiment = random_weights([3, 5, 5], 1, [1.0] * 2), Experiment(layers=2)
    theta = Parameters.of(np.ones((1, 74)), [(5, 3), (5, 5), (4, 5)])
    method = replace(experiment.methods.a, block=block)
    refusals: dict[str, Callable[[], object]] = {
        "engine": lambda: passed(block, np.ones((1, 5)), weights, np.ones((1, 5))),
        "training": lambda: Classifier(TANH, block, unstopped).logits(theta, np.ones((1, 3, 6))),
        "theory": lambda: predict_blocks(laws_of(experiment, "a"), TANH, block),
        "code to copy": lambda: pytorch_module(experiment.network, method),
    }
    for refused in refusals.values():
        with pytest.raises(AssertionError, match="Attend"):
            refused()

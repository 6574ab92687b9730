"""Updates as PyTorch defines them, single and over whole trainings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from tests.training.samples import BLOCKS, clouds, named, norm_in_torch, with_blocks
from tui_initflow.model.blocks import Normalise
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import OPTIMISERS as NAMES
from tui_initflow.model.training import OptimiserName, TrainingSettings
from tui_initflow.training.classifier import starting_parameters
from tui_initflow.training.optimisers import OPTIMISERS, Update
from tui_initflow.training.runs import train
from tui_initflow.training.trainer import Trainer

RATES: dict[OptimiserName, float] = {"sgd": 0.5, "momentum": 0.1, "adam": 0.01, "adamw": 0.05}
IN_PYTORCH: dict[OptimiserName, Callable[[Any, Any, float], Any]] = {
    "sgd": lambda optim, parameters, lr: optim.SGD(parameters, lr=lr),
    "momentum": lambda optim, parameters, lr: optim.SGD(parameters, lr=lr, momentum=0.9),
    "adam": lambda optim, parameters, lr: optim.Adam(parameters, lr=lr),
    "adamw": lambda optim, parameters, lr: optim.AdamW(parameters, lr=lr),
}


def test_every_name_has_an_optimiser() -> None:
    assert tuple(OPTIMISERS) == NAMES
    for optimiser in OPTIMISERS.values():
        assert list(optimiser.rates) == sorted(optimiser.rates)


@pytest.mark.parametrize("name", NAMES)
def test_an_update_changes_nothing_but_returns_what_to_add(name: OptimiserName) -> None:
    generator, optimiser = np.random.default_rng(0), OPTIMISERS[name]
    theta, g = (generator.standard_normal((2, 9)).astype(np.float32) for _ in range(2))
    moments = tuple(np.abs(generator.standard_normal((2, 9))).astype(np.float32) for _ in range(optimiser.moments))
    before = [array.copy() for array in (theta, g, *moments)]
    rates = np.array([[0.1], [0.2]], np.float32)
    both, after = optimiser.update(theta, g, moments, rates, 3)
    for array, was in zip((theta, g, *moments), before, strict=True):
        np.testing.assert_array_equal(array, was)
    # the networks do not depend on each other
    for network in range(2):
        some = slice(network, network + 1)
        alone: Update = optimiser.update(theta[some], g[some], tuple(m[some] for m in moments), rates[some], 3)
        np.testing.assert_array_equal(alone[0], both[some])
        for one, of_both in zip(alone[1], after, strict=True):
            np.testing.assert_array_equal(one, of_both[some])


def test_adam_starts_with_steps_of_the_learning_rate() -> None:
    g = np.array([[1e-3, -5.0, 40.0]], np.float32)
    adam = OPTIMISERS["adam"]
    update, _ = adam.update(np.zeros_like(g), g, adam.start(g), np.array([[0.1]], np.float32), 1)
    np.testing.assert_allclose(update, -0.1 * np.sign(g), rtol=1e-4)


@pytest.mark.torch
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("block", BLOCKS[::3], ids=named)
def test_a_training_is_pytorch_s_step_by_step(name: OptimiserName, block: dict[str, Any]) -> None:
    import torch

    experiment = with_blocks(Experiment(layers=3, neurons=8, features=5, b="orthogonal", sigma_b=0.1), block)
    data, settings = clouds(), TrainingSettings(optimizer=name, lr=RATES[name], steps=40, batch_size=10)
    start = starting_parameters(experiment, "b", range(1), 3, lambda: None)
    weights = [torch.tensor(w[0].copy(), requires_grad=True) for w in start.weights]
    biases = [torch.tensor(b[0].copy(), requires_grad=True) for b in start.biases]
    optimiser = IN_PYTORCH[name](torch.optim, [*weights, *biases], RATES[name])
    as_block = experiment.methods.b.block
    trainer = Trainer(
        experiment,
        "b",
        settings,
        data,
        partial(data.for_test, experiment.seed),
        start,
        [0],
        [RATES[name]],
        lambda: None,
    )
    # batch norm takes them out again: their gradient is rounding error, which Adam makes steps of full length of
    idle = experiment.layers if as_block.norm == "batch" else 0
    rows = _rows_of_the_steps(trainer, settings.steps + 1)
    for step, batch in enumerate(rows):
        h = torch.tensor(data.x[batch]) @ weights[0].T + biases[0]
        for w, b in zip(weights[1:-1], biases[1:-1], strict=True):
            a = torch.tanh(norm_in_torch(h, as_block.norm) if isinstance(as_block.steps[0], Normalise) else h)
            branch = a @ w.T + b
            h = h + as_block.scale * branch if as_block.has_skips else branch
        output = torch.tanh(norm_in_torch(h, as_block.norm) if as_block.kind == "plain" else h)
        loss = torch.nn.functional.cross_entropy(output @ weights[-1].T + biases[-1], torch.tensor(data.y[batch]))
        trainer.advance(step)
        record = trainer.record()
        assert record.loss[0] == pytest.approx(loss.item(), rel=2e-4), step
        for mine, theirs in zip(
            (*trainer.parameters.weights, *trainer.parameters.biases[idle:]), (*weights, *biases[idle:]), strict=True
        ):
            np.testing.assert_allclose(mine[0], theirs.detach().numpy(), rtol=1e-3, atol=2e-5, err_msg=str(step))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert record.loss[0] < 0.8 * np.log(3)


def _rows_of_the_steps(trainer: Trainer, steps: int) -> list[Any]:
    """The rows that the one network of a trainer will see, which it is given back to see."""
    seen = [next(trainer._batches)[0] for _ in range(steps)]
    trainer._batches = iter([positions[None] for positions in seen])
    return [trainer._training[0][positions] for positions in seen]


@pytest.mark.parametrize("name", NAMES)
def test_every_optimiser_learns(name: OptimiserName) -> None:
    settings = TrainingSettings(optimizer=name, lr=RATES[name], steps=60, batch_size=12)
    result = train(Experiment(layers=2, neurons=10, runs=2), settings, clouds())
    assert min(result.b.final_accuracy) > 0.8

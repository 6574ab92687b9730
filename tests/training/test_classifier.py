"""The equations of a classifier: against the reference, against differences, and against autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.samples import BLOCKS, SMALL, named, norm_in_torch, random_batch, random_parameters, with_blocks
from tui_initflow.engine import reference
from tui_initflow.engine.pool import Cancelled
from tui_initflow.engine.products import ONE_THREAD
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.functions.norms import EPSILON
from tui_initflow.model.blocks import PLAIN, Block, Normalise
from tui_initflow.model.experiment import Experiment
from tui_initflow.training.classifier import Classifier, Parameters, Population, by_themselves, shapes_of

CLASSES, BATCH, NETWORKS = 4, 7, 2
BATCH_NORM = Normalise("inputs", centred=True)
Floats = NDArray[np.floating[Any]]


def block_of(block: dict[str, Any]) -> Block:
    return with_blocks(SMALL, block).methods.a.block


def classifier(activation: str, block: Block) -> Classifier:
    return Classifier(ACTIVATIONS[activation], block, lambda: None)


def gradients(
    of: Classifier, theta: Parameters, x: Floats, y: NDArray[np.intp], **options: Any
) -> tuple[Floats, Parameters]:
    out = Parameters.of(np.full_like(theta.flat, np.nan), [w.shape[1:] for w in theta.weights])
    return of.gradients(theta, x, y, out, **options), out


@pytest.mark.parametrize("block", BLOCKS, ids=named)
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_gradients_of_weights_and_biases_are_differences_of_the_loss(activation: str, block: dict[str, Any]) -> None:
    of = classifier(activation, block_of(block))
    shapes = shapes_of(SMALL, CLASSES)
    theta, (x, y) = random_parameters(shapes, NETWORKS), random_batch(NETWORKS, 5, CLASSES, BATCH)
    loss, computed = gradients(of, theta, x, y)
    np.testing.assert_allclose(loss, of.loss(theta, x, y), rtol=1e-12)
    # all parameters of a network moved one by one are as many networks
    count, step = theta.flat.shape[1], 1e-6
    for network in range(NETWORKS):
        moves = step * np.eye(count)
        above, below = (
            of.loss(Parameters.of(theta.flat[network] + sign * moves, shapes), x[[network]], y[[network]])
            for sign in (1, -1)
        )
        np.testing.assert_allclose(computed.flat[network], (above - below) / (2 * step), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("block", BLOCKS, ids=named)
def test_a_batch_goes_through_the_layers_of_the_reference(block: dict[str, Any]) -> None:
    f, as_block = ACTIVATIONS["gelu"], block_of(block)
    theta, (x, y) = random_parameters(shapes_of(SMALL, CLASSES), 1), random_batch(1, 5, CLASSES, BATCH)
    logits = classifier("gelu", as_block).logits(theta, x)
    seen: dict[int, Floats] = {}
    gradients(classifier("gelu", as_block), theta, x, y, observe=lambda layer, delta, _: seen.update({layer: delta}))
    weights, biases = [w[0] for w in theta.weights], [b[0] for b in theta.biases]
    # the rows of the reference are the columns here
    h = reference.preactivations(x[0].T, weights[:-1], biases[:-1], f, as_block)
    z = reference.output(h[-1], f, as_block) @ weights[-1].T + biases[-1]
    np.testing.assert_allclose(logits[0].T, z, rtol=1e-10)
    delta = (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) - np.eye(CLASSES)[y[0]]) / BATCH
    np.testing.assert_allclose(seen[4][0].T, delta, rtol=1e-10)
    deltas = reference.deltas(h, weights[:-1], delta @ weights[-1], f, as_block, biases[:-1])
    for layer, expected in enumerate(deltas, 1):
        np.testing.assert_allclose(seen[layer][0].T, expected, rtol=1e-8, atol=1e-12)


@pytest.mark.torch
@pytest.mark.parametrize("block", BLOCKS, ids=named)
def test_gradients_are_those_of_autograd(block: dict[str, Any]) -> None:
    import torch

    as_block = block_of(block)
    theta, (x, y) = random_parameters(shapes_of(SMALL, CLASSES), 1), random_batch(1, 5, CLASSES, BATCH)
    loss, computed = gradients(classifier("tanh", as_block), theta, x, y)
    weights = [torch.tensor(w[0], requires_grad=True) for w in theta.weights]
    biases = [torch.tensor(b[0], requires_grad=True) for b in theta.biases]

    h = torch.tensor(x[0].T) @ weights[0].T + biases[0]
    for w, b in zip(weights[1:-1], biases[1:-1], strict=True):
        a = torch.tanh(norm_in_torch(h, as_block.norm) if isinstance(as_block.steps[0], Normalise) else h)
        branch = a @ w.T + b
        h = h + as_block.scale * branch if as_block.has_skips else branch
        h = norm_in_torch(h, as_block.norm) if as_block.kind == "post-norm" else h
    output = torch.tanh(norm_in_torch(h, as_block.norm) if as_block.kind == "plain" else h)
    expected = torch.nn.functional.cross_entropy(output @ weights[-1].T + biases[-1], torch.tensor(y[0]))
    expected.backward()
    assert float(loss[0]) == pytest.approx(expected.item(), rel=1e-10)
    for mine, theirs in zip((*computed.weights, *computed.biases), (*weights, *biases), strict=True):
        np.testing.assert_allclose(mine[0], theirs.grad.numpy(), rtol=1e-5, atol=1e-10)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.get("norm") == "batch"], ids=named)
def test_a_row_is_classified_whatever_rows_are_beside_it(block: dict[str, Any]) -> None:
    of = classifier("tanh", block_of(block))
    theta, (x, _) = random_parameters(shapes_of(SMALL, CLASSES), NETWORKS), random_batch(1, 5, CLASSES, 3 * BATCH)
    population = of.population(theta, [x[..., :BATCH], x[..., BATCH : 2 * BATCH]])
    together, row = of.logits(theta, x, population.normalise), x[..., -1:]
    np.testing.assert_allclose(of.logits(theta, row, population.normalise), together[..., -1:], rtol=1e-12)
    # in training they are coupled
    assert np.abs(of.logits(theta, row) - of.logits(theta, x)[..., -1:]).max() > 0.01


def test_a_population_has_the_moments_of_batches_on_average() -> None:
    first, second, other = np.random.default_rng(3).normal(2.0, 3.0, (3, NETWORKS, 6, BATCH))
    population = Population()
    for h in (first, second):
        np.testing.assert_allclose(population.measure(BATCH_NORM, 1, h).n, by_themselves(BATCH_NORM, 1, h).n)
    mean = (first.mean(axis=-1) + second.mean(axis=-1)) / 2
    variance = (first.var(axis=-1, ddof=1) + second.var(axis=-1, ddof=1)) / 2
    expected = (other - mean[..., None]) / np.sqrt(variance + EPSILON)[..., None]
    np.testing.assert_allclose(population.normalise(BATCH_NORM, 1, other).n, expected, rtol=1e-12)


def test_large_products_are_cut_and_stay_the_same() -> None:
    # cut by rows and by columns
    experiment, batch = Experiment(layers=2, neurons=300, features=40), 150
    assert 300 * 8 * batch > ONE_THREAD
    theta = random_parameters(shapes_of(experiment, CLASSES), 1)
    x, y = random_batch(1, 40, CLASSES, batch)
    _, computed = gradients(classifier("tanh", PLAIN), theta, x, y)
    a_1 = np.tanh(theta.weights[0][0] @ x[0] + theta.biases[0][0][:, None])
    a_2 = np.tanh(theta.weights[1][0] @ a_1 + theta.biases[1][0][:, None])
    z = theta.weights[2][0] @ a_2 + theta.biases[2][0][:, None]
    delta = (np.exp(z) / np.exp(z).sum(axis=0) - np.eye(CLASSES)[y[0]].T) / batch
    np.testing.assert_allclose(computed.weights[2][0], delta @ a_2.T, rtol=1e-9, atol=1e-12)
    below = (1 - a_2**2) * (theta.weights[2][0].T @ delta)
    np.testing.assert_allclose(computed.weights[1][0], below @ a_1.T, rtol=1e-9, atol=1e-12)


def test_large_logits_do_not_overflow() -> None:
    experiment = Experiment(layers=1, neurons=3, features=2)
    theta = random_parameters(shapes_of(experiment, CLASSES), 1)
    theta.weights[-1][...] *= 1e4
    x, y = random_batch(1, 2, CLASSES, BATCH)
    loss, computed = gradients(classifier("tanh", PLAIN), theta, x, y)
    assert np.isfinite(loss).all()
    assert np.isfinite(computed.flat).all()


def test_a_stop_comes_through() -> None:
    def stop() -> None:
        raise Cancelled

    theta, (x, y) = random_parameters(shapes_of(SMALL, CLASSES), 1), random_batch(1, 5, CLASSES, BATCH)
    with pytest.raises(Cancelled):
        Classifier(ACTIVATIONS["tanh"], PLAIN, stop).loss(theta, x, y)

"""The same training in PyTorch: as one would write it, a network at a time, and all runs of a method as one batch."""

from __future__ import annotations

import itertools

import torch

from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import TrainingSettings
from tui_initflow.training.data import Dataset

STD = {"uniform": 3**-0.5, "normal": 1.0}


def one_by_one(experiment: Experiment, settings: TrainingSettings, data: Dataset) -> None:
    """A module for each run of each method."""
    training = data.for_test(experiment.seed, 0).training
    x, y = torch.tensor(data.x[training]), torch.tensor(data.y[training])
    for method in experiment.methods:
        for run in range(experiment.runs):
            torch.manual_seed(run)
            sizes = (data.features, *experiment.network.widths, len(data.classes))
            modules: list[torch.nn.Module] = []
            for fan_in, fan_out in itertools.pairwise(sizes):
                linear = torch.nn.Linear(fan_in, fan_out)
                torch.nn.init.xavier_normal_(linear.weight, STD[method.initialiser.name])
                torch.nn.init.zeros_(linear.bias)
                modules += [linear, torch.nn.Tanh()]
            network = torch.nn.Sequential(*modules[:-1])
            optimiser = torch.optim.SGD(network.parameters(), lr=float(settings.lr))
            for _ in range(settings.steps):
                rows = torch.randint(len(x), (settings.batch_size,))
                optimiser.zero_grad()
                torch.nn.functional.cross_entropy(network(x[rows]), y[rows]).backward()
                optimiser.step()


def batched(experiment: Experiment, settings: TrainingSettings, data: Dataset) -> None:
    """All runs of a method in tensors (runs, fan_in, fan_out)."""
    training = data.for_test(experiment.seed, 0).training
    x, y = torch.tensor(data.x[training]), torch.tensor(data.y[training])
    for method in experiment.methods:
        sizes = (data.features, *experiment.network.widths, len(data.classes))
        weights, biases = [], []
        for fan_in, fan_out in itertools.pairwise(sizes):
            std = STD[method.initialiser.name] * (2 / (fan_in + fan_out)) ** 0.5
            weights.append((torch.randn(experiment.runs, fan_in, fan_out) * std).requires_grad_())
            biases.append(torch.zeros(experiment.runs, 1, fan_out, requires_grad=True))
        optimiser = torch.optim.SGD([*weights, *biases], lr=float(settings.lr))
        for _ in range(settings.steps):
            rows = torch.randint(len(x), (experiment.runs, settings.batch_size))
            a = x[rows]
            for w, b in zip(weights[:-1], biases[:-1], strict=True):
                a = torch.tanh(torch.baddbmm(b, a, w))
            z = torch.baddbmm(biases[-1], a, weights[-1])
            optimiser.zero_grad()
            # the sum over the runs of the mean over the batch
            loss = torch.nn.functional.cross_entropy(z.flatten(0, 1), y[rows].flatten(), reduction="sum")
            (loss / settings.batch_size).backward()
            optimiser.step()

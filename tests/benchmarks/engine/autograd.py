"""The same comparison in PyTorch: all runs of a setting as one batch, gradients by autograd."""

from __future__ import annotations

import math

import torch

from tui_initflow import Experiment


def comparison(experiment: Experiment) -> None:
    """Mean |gradient| at every layer, of every run and both methods."""
    runs, layers, neurons = experiment.runs, experiment.layers, experiment.network.widest
    x = torch.rand(runs, experiment.features, 1) * 0.5 + 0.25
    for is_normal in (False, True):
        a = x
        preactivations: list[torch.Tensor] = []
        for _ in range(layers):
            fan_in = a.shape[1]
            w = torch.empty(runs, neurons, fan_in)
            w = w.normal_() if is_normal else w.uniform_(-1.0, 1.0)
            z = torch.bmm(w * math.sqrt(2 / (fan_in + neurons)), a)
            if not preactivations:
                z.requires_grad_()
            preactivations.append(z)
            a = torch.tanh(z)
        gradients = torch.autograd.grad(a.sum(), preactivations)
        torch.stack(gradients).abs().mean(dim=2)

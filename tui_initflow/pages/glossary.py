"""The words of the field, each explained in a line or two, as the help shows them."""

from __future__ import annotations

from collections.abc import Mapping

GLOSSARY: Mapping[str, str] = {
    "initialiser": "how first weights are drawn: distribution, variance",
    "fan_in, fan_out": "inputs of a neuron, and neurons that read its output",
    "gain": "factor on all weights of a method",
    "pre-activation z": "what a neuron sums up, before the activation f",
    "saturation": "z where f is flat: |f'(z)| < 0.1 passes hardly anything",
    "gradient at L0": "mean size of the backward signal at the first layer",
    "backward step": "to the layer before: times W transposed and f'(z)",
    "σ_w": "sqrt(fan_in Var w): factor per step without saturation",
    "vanishing": "shrinking at every step: first layers cannot learn",
    "exploding": "growing at every step: training diverges",
    "mean field": "theory of wide layers, where sums are normal variables",
    "chi, χ": "factor on the squared gradient per layer, deep inside",
    "edge of chaos": "χ = 1: between order (vanishing) and chaos (exploding)",
    "depth scale, ξ": "layers in which the squared gradient changes e-fold",
    "residual, skip": "a layer adds to its input instead of replacing it",
    "norm": "rescales a layer, or a neuron over a batch, to size 1",
    "geometric mean": "average of the logarithms: the right one for factors",
    "10-90%": "range of runs: one in ten is below it, one above it",
    "95% CI": "range that has the true value in 19 of 20 experiments",
}

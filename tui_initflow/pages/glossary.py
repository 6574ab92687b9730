"""The words of the field, each explained in a line or two, as the help shows them."""

from __future__ import annotations

from collections.abc import Mapping

GLOSSARY: Mapping[str, str] = {
    "initialiser": "a rule for drawing the first weights: a distribution and its variance",
    "fan_in, fan_out": "how many inputs a neuron has, and how many neurons read its output",
    "gain": "a factor on all weights of a method",
    "pre-activation z": "what a neuron sums up, before the activation function f",
    "saturation": "z where f is flat, |f'(z)| < 0.1: hardly any gradient passes",
    "gradient at L0": "mean magnitude of the backward signal at the first layer",
    "backward step": "from one layer to the one before it: times W transposed and f'(z)",
    "σ_w": "sqrt(fan_in Var w), the factor per backward step while nothing saturates",
    "vanishing": "shrinking at every step back, so that the first layers cannot learn",
    "exploding": "growing at every step back, so that training diverges",
    "mean field": "the theory of very wide layers: sums become normal variables",
    "chi (χ)": "factor on the squared gradient per layer, far from the input",
    "edge of chaos": "chi = 1: between order (vanishing) and chaos (exploding)",
    "depth scale (ξ)": "layers over which a signal or gradient changes by a factor of e",
    "residual, skip": "a layer adds to its input instead of replacing it",
    "norm": "rescales the neurons of a layer, or one neuron over a batch, to size 1",
    "geometric mean": "the average of logarithms: right for factors, unlike the mean",
    "10-90%": "the range of the middle runs: one in ten is below it, one above",
    "95% CI": "confidence interval: would hold the true value in 19 of 20 experiments",
}

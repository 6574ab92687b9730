"""How the networks of a method are sampled: by drawing their weights or, without any, by drawing what these do.

A run uses each weight matrix twice: forward on one vector, and backward on one. Of normal and of orthogonal weights the
joint law of both products is known, so drawing the products gives runs of exactly the same law at the cost of vectors
(see `engine.implicit`). Batch norm sends several vectors through each matrix, and other laws have no such form.
"""

from __future__ import annotations

from typing import Literal

from tui_initflow.model.initialisers import Distribution, Normal, Orthogonal

Sampler = Literal["explicit", "implicit"]
SamplerChoice = Literal["auto", "explicit", "implicit"]
SAMPLERS: tuple[SamplerChoice, ...] = ("auto", "explicit", "implicit")

AUTO_NEURONS = 256
"""Neurons of the widest layer from which on `auto` draws no weights where it need not.

The features do not count, nor does the depth, so that all points of a sweep over these are sampled alike.
"""
DRAWN_NEURONS = 2048
"""Most neurons of a layer whose weights are drawn."""


def has_implicit(distribution: Distribution, inputs: int) -> bool:
    """Whether networks with such weights, and this many inputs a run, can be sampled without drawing them."""
    return isinstance(distribution, (Normal, Orthogonal)) and inputs == 1


def sampler_of(choice: SamplerChoice, distribution: Distribution, inputs: int, widest: int) -> Sampler:
    """How a method is sampled in a network whose widest layer has `widest` neurons: a matter of the settings alone."""
    if choice == "auto":
        return "implicit" if has_implicit(distribution, inputs) and widest >= AUTO_NEURONS else "explicit"
    return choice

"""What the bits of results depend on besides the settings, so that only results of the same bits are put together.

Results are the same bits where the same program adds and rounds in the same order, which NumPy and its BLAS choose by
the processor. Elsewhere a seed gives the same numbers to rounding, or, in the chaotic phase and in training, others of
the same law: neither would go together with those of this machine.
"""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from typing import NamedTuple

import numpy as np

from tui_initflow.engine.runs import simulate
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.network import Method

PROBES = (
    Experiment(layers=3, neurons=32, runs=3, activation="gelu", b="orthogonal", sigma_b=0.1),
    Experiment(
        layers=3, neurons=32, runs=3, a=Method("truncated-normal:1/fan_in", norm="batch"), batch=4, start="signs"
    ),
)
"""Small work whose results differ to the last bit where exponentials, logarithms or sums do. Of 14 choices of kernels
for OpenBLAS and NumPy, those give equal fingerprints that give equal networks of all kinds, and no others."""
MATRIX = 160
"""Neurons of a matrix that BLAS multiplies in several threads, if it may."""


class Fingerprint(NamedTuple):
    """What the numbers of a machine depend on: versions, the processor, and a digest of some of its results."""

    program: str
    numpy: str
    machine: str
    digest: str

    def __str__(self) -> str:
        return f"tui-initflow {self.program}, NumPy {self.numpy}, {self.machine}, sums {self.digest}"


@cache
def fingerprint(program: str) -> Fingerprint:
    """That of this process, which runs this version of the program."""
    digest = hashlib.sha256()
    for probe in PROBES:
        results = simulate(probe, threads=1)
        for method in results.methods:
            digest.update(method.log10_gradient.tobytes())
            digest.update(method.preactivation.std.tobytes())
    matrix = np.sin(np.arange(MATRIX**2, dtype=np.float32)).reshape(MATRIX, MATRIX)
    digest.update((matrix @ matrix).tobytes())
    return Fingerprint(program, np.__version__, platform.machine(), digest.hexdigest()[:8])

"""What a seed gives on other processors: the same numbers to rounding, and bit for bit where fingerprints are equal."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__  # type: ignore[import-not-found]

from tui_initflow import Experiment, __version__, simulate
from tui_initflow.engine.fingerprint import fingerprint

ROUNDING = 2.0**-24
"""The relative error of an operation in single precision."""
SCRIPT = """
import sys
from tui_initflow import Experiment, __version__, simulate
from tui_initflow.engine.fingerprint import fingerprint
results = simulate(Experiment(), threads=1)
sys.stdout.buffer.write(fingerprint(__version__).digest.encode())
sys.stdout.buffer.write(b"".join(method.log10_gradient.tobytes() for method in results.methods))
"""


def has_openblas() -> bool:
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return "openblas" in blas["name"]


@pytest.mark.slow
@pytest.mark.skipif(not has_openblas(), reason="OPENBLAS_CORETYPE chooses the kernel of OpenBLAS alone")
@pytest.mark.parametrize("kernel", ["Nehalem", "Haswell"])
def test_the_default_run_is_the_same_to_rounding_with_other_kernels(kernel: str) -> None:
    dispatched = [feature for feature in __cpu_dispatch__ if __cpu_features__[feature]]
    plain = {"NPY_DISABLE_CPU_FEATURES": " ".join(dispatched)} if kernel == "Nehalem" else {}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, **plain, "OPENBLAS_CORETYPE": kernel},
        capture_output=True,
        timeout=60,
        check=True,
    )
    experiment, here = Experiment(), fingerprint(__version__).digest
    there = done.stdout[: len(here)].decode()
    ours = np.array([method.log10_gradient for method in simulate(experiment, threads=1).methods])
    theirs = np.frombuffer(done.stdout[len(here) :]).reshape(ours.shape)
    # each layer adds errors as large as a sum of as many terms has: at random, so as the root of their number
    error = ROUNDING * math.sqrt(experiment.features) * 2 * experiment.layers
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=math.log10(1 + error))
    if there == here:
        assert np.array_equal(theirs, ours)

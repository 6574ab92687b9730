"""Special functions against mpmath, scipy and the tables."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from scipy import special

from tui_initflow.functions.special import erf, erfc, normal_quantile, t_quantile

mp.mp.dps = 40


def test_error_function_is_exact_to_machine_precision() -> None:
    x = np.concatenate([np.linspace(-7.0, 26.0, 700), np.logspace(-300, 0, 50), [0.46875, 4.0]])
    exact_erf = np.array([float(mp.erf(mp.mpf(point))) for point in x])
    exact_erfc = np.array([float(mp.erfc(mp.mpf(point))) for point in x])
    np.testing.assert_allclose(erf(x), exact_erf, rtol=1e-15, atol=0)
    np.testing.assert_allclose(erfc(x), exact_erfc, rtol=1e-15, atol=0)


def test_normal_quantiles_have_seven_digits() -> None:
    centred = np.concatenate([np.linspace(-0.4999, 0.4999, 2001), [-0.499999, 0.499999]]).astype(np.float32)
    exact = np.abs(special.ndtri(0.5 + centred.astype(np.float64)))
    # in float32 the tail 1/2 - |p| has fewer digits the smaller it is
    lost = 2.0**-24 / (0.5 - np.abs(centred.astype(np.float64)))
    assert np.all(np.abs(normal_quantile(centred) - exact) <= 2e-6 + lost)


def test_student_quantiles() -> None:
    for freedom in (1, 2, 3, 4, 9, 29, 30, 99, 1000, 99_999):
        for share in (0.75, 0.9, 0.95, 0.975, 0.995, 0.9995):
            assert t_quantile(share, freedom) == pytest.approx(special.stdtrit(freedom, share), rel=1e-8)


def test_student_quantiles_of_the_tables() -> None:
    for freedom, quantile in ((1, 12.706), (2, 4.303), (10, 2.228)):
        assert t_quantile(0.975, freedom) == pytest.approx(quantile, abs=5e-4)

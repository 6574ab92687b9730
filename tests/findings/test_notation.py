import math

import pytest

from tui_initflow.findings.notation import factor, percent, plain, scientific


@pytest.mark.parametrize(
    ("log10", "text"),
    [
        (math.log10(4.64e-3), "4.64e-03"),
        (0.0, "1.00e+00"),
        (math.log10(9.999e-4), "1.00e-03"),
        (-238.825, "1.50e-239"),
        (600.5, "3.16e+600"),
        (-math.inf, "0"),
        (math.inf, "inf"),
        (math.nan, "?"),
    ],
)
def test_scientific(log10: float, text: str) -> None:
    assert scientific(log10) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (61.44, "61.4"),
        (1.0, "1.00"),
        (1.115, "1.11"),
        (0.577, "0.577"),
        (380.0, "380"),
        (1e8, "1.00e+08"),
        (0.01, "0.0100"),
    ],
)
def test_plain_keeps_three_digits(value: float, text: str) -> None:
    assert plain(math.log10(value)) == text
    assert factor(math.log10(value)) == f"{text}x"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (1, "100%"),
        (0.5, "50%"),
        (0.996, "99.6%"),
        (0.004, "0.4%"),
        (1e-6, "<0.1%"),
        (1 - 1e-6, ">99.9%"),
    ],
)
def test_percent_never_rounds_to_certainty(share: float, text: str) -> None:
    assert percent(share) == text

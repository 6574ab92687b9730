"""The limits of the number formats, against NumPy's own and ml_dtypes' conversions."""

import math
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from tests.model.conversions import CONVERSIONS
from tui_initflow.model.number_formats import NUMBER_FORMATS, NumberFormat


@pytest.fixture(params=CONVERSIONS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def stored(name: str, value: float) -> float:
    """The value as a number of the format."""
    with np.errstate(over="ignore", under="ignore"):
        return float(np.float64(value).astype(CONVERSIONS[name]).astype(np.float64))


def test_every_format_is_compared() -> None:
    assert CONVERSIONS.keys() == NUMBER_FORMATS.keys()


def test_limits_are_those_of_the_conversion(name: str) -> None:
    number_format = NUMBER_FORMATS[name]
    limits: Any = ml_dtypes.finfo(CONVERSIONS[name])  # type: ignore[no-untyped-call]
    assert number_format.largest == float(limits.max)
    assert 2.0**number_format.least_exponent == float(limits.smallest_normal)
    assert 2.0**number_format.log2_smallest == float(limits.smallest_subnormal)


def test_flushes_up_to_half_of_the_smallest_number(name: str) -> None:
    edge = 2.0 ** NUMBER_FORMATS[name].log2_flushed
    assert stored(name, edge) == 0
    assert stored(name, edge * (1 + 2.0**-10)) > 0


def test_overflows_from_half_a_step_beyond_the_largest_number(name: str) -> None:
    number_format = NUMBER_FORMATS[name]
    edge = tie_beyond(number_format)
    # well within half a step, and more than float32 resolves where the conversion goes through it
    little = 2.0 ** -(number_format.fraction_bits + 7)
    below, above = edge * (1 - little), edge * (1 + little)
    assert stored(name, below) == number_format.largest
    assert not math.isfinite(stored(name, above))
    for value in (below, edge, above):
        assert (math.log2(value) >= number_format.log2_overflow) == (not math.isfinite(stored(name, value)))


def tie_beyond(number_format: NumberFormat) -> float:
    """Half way from the largest number to the next one, had the format one more."""
    step = 2.0 ** (math.floor(math.log2(number_format.largest)) - number_format.fraction_bits)
    return number_format.largest + step / 2

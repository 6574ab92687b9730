"""Which initialiser a tensor looks as if it came from, so that it was never trained: a test with a known error rate.

A matrix that an initialiser has drawn passes every one of these tests, each at `SIGNIFICANCE`, for independent numbers
with the initialiser's variance s^2, excess kurtosis k and bound:

    mean, variance     z = sqrt(n) mean / s and sqrt(n / (k + 2)) (std^2 / s^2 - 1)
    bound              no number is beyond it
    shape              Kolmogorov and Smirnov's distance of a sample from the distribution
    rows, columns      the sums of a row, and of its squares, differ from row to row as those of independent numbers
    spectrum           no singular value beyond those of independent numbers (Johnstone 2001)

What training does shows up most in the last two: updates have few directions, which add up along rows and columns and
stick out of the spectrum. So a little of it in each is taken together. All tests refuse 1.5 % of the matrices that an
initialiser has drawn. Weights drawn from a normal distribution that training has moved by about a fifth of their
size may pass; those of a uniform distribution do not, because some leave its bound. The bias of the layer tells then:
see `has_moved`. An orthogonal matrix is told by its singular values, which are all the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from tui_initflow.checkpoints.moments import Float64s, Moments
from tui_initflow.checkpoints.sources import Dtype, Floats
from tui_initflow.checkpoints.tensors import Role
from tui_initflow.functions.special import erf
from tui_initflow.model.initialisers import (
    INITIALISERS,
    TRUNCATED_AT,
    TRUNCATED_STD,
    Initialiser,
    Normal,
    Shape,
    TruncatedNormal,
    Uniform,
    initialiser,
)

OTHER = "trained/other"
"""No initialiser fits, or there is too little to tell."""

SIGNIFICANCE = 1e-3
LARGEST_Z = 3.29
"""Quantile of the normal distribution at half of it from the end."""
FAR = 2.0
"""Factor by which the size of that many numbers is never off by chance."""
LARGEST_DISTANCE = 1.95
"""Quantile of Kolmogorov's distribution."""
LARGEST_TOGETHER = 3.0
"""About the quantile at half a percent from the end, for all tests together of what training raises."""
TRACY_WIDOM_MEAN, TRACY_WIDOM_STD = -1.2065, 1.268
LEFT_OUT = 0.12
"""By which what the spectral norm is at least may be too small, as a fraction."""
LEAST_WEIGHTS, LEAST_BIASES, LEAST_SIDE = 1024, 256, 16
"""Numbers in a tensor that is tested, and rows and columns of one whose rows and columns are."""
ORTHOGONAL = 2e-3
"""Largest excess of the spectral norm, as a fraction, over that of a matrix with equal singular values."""

LEAST_BITS = 7
"""Those of bfloat16."""
SHOWN = 1 << 10
"""Numbers that show how coarse all of them are."""

_UNNAMED = (
    "truncated-normal:2/fan_in",
    "truncated-normal:1/fan_avg",
    "normal:std=0.02",
    "truncated-normal:std=0.02",
    "normal:std=1",
)
_CANDIDATES: tuple[Initialiser, ...] = (
    *(INITIALISERS[name] for name in ("torch-linear", "he-uniform", "glorot-uniform", "lecun-uniform")),
    *(INITIALISERS[name] for name in ("he-normal", "glorot-normal", "lecun-normal", "truncated-normal")),
    *(initialiser(text) for text in _UNNAMED),
)
NARROW = "truncated-normal:std=0.02"
"""Also drawn with 0.02 as the deviation before the cut, by JAX and TensorFlow."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A distribution that the numbers of a tensor may have: its name, standard deviation and shape."""

    name: str
    std: float
    distribution: Uniform | Normal | TruncatedNormal
    bound: float


def _candidate(name: str, std: float, distribution: Uniform | Normal | TruncatedNormal) -> Candidate:
    return Candidate(name, std, distribution, std / math.sqrt(distribution.variance) * distribution.bound)


def looks_like(role: Role, dtype: Dtype, moments: Moments, spectral_norm: float | None, bias_of: Shape | None) -> str:
    """The names of the initialisers that fit, joined by "or"; zeros, ones, or `OTHER`.

    `spectral_norm` is what it is at least. `bias_of` is the (fan_out, fan_in) of the weight that a bias belongs to, by
    which PyTorch draws it.
    """
    if not moments.size:
        return "empty"
    if moments.is_constant and moments.low in (0.0, 1.0) and role.kind != "other":
        return "zeros" if moments.low == 0.0 else "ones"
    is_drawn = role.fans is not None or (role.kind == "bias" and bias_of is not None)
    if not is_drawn or moments.finite < moments.size:
        return OTHER
    least = LEAST_BIASES if role.fans is None else LEAST_WEIGHTS
    if moments.size < least:
        return OTHER
    fitting = partial(_fitting, role, moments, spectral_norm, bias_of)
    # one that was rounded to a shorter type and stored in a longer one is as coarse as its numbers show
    found = fitting(dtype.fraction_bits)
    if not found and (shown := _fraction_bits(moments.sample)) < dtype.fraction_bits:
        found = fitting(shown)
    return found or OTHER


def _fitting(
    role: Role, moments: Moments, spectral_norm: float | None, bias_of: Shape | None, fraction_bits: int
) -> str:
    """The names of the initialisers that fit numbers with so many digits; empty if none does."""
    if fraction_bits < LEAST_BITS:
        return ""
    if role.fans is None:
        assert bias_of is not None
        candidates: Iterable[Candidate] = _of_bias(bias_of)
    else:
        if spectral_norm is not None and (name := _orthogonal(moments, spectral_norm, fraction_bits)):
            return name
        candidates = _of_weight(role.fans)
    fitting = sorted(
        (misfit, candidate.name)
        for candidate in candidates
        if (misfit := _misfit(candidate, moments, spectral_norm, fraction_bits)) is not None
    )
    return " or ".join(dict.fromkeys(name for _, name in fitting))


def _fraction_bits(sample: Floats) -> int:
    """Binary digits after the first that these numbers have; the last ones of a longer type may all be 0."""
    fractions, _ = np.frexp(sample[:SHOWN].astype(np.float64))
    digits = int(np.bitwise_or.reduce(np.abs(np.ldexp(fractions, 53)).astype(np.int64), initial=1 << 53))
    return 52 - ((digits & -digits).bit_length() - 1)


def has_moved(moments: Moments, weight: Shape) -> bool:
    """Whether a bias is neither constant nor as PyTorch draws it, for a weight of (fan_out, fan_in) fans.

    A layer whose bias has moved has been trained, however little that shows in its many weights.
    """
    if moments.is_constant or moments.finite < moments.size or moments.size < LEAST_SIDE:
        return False
    (drawn,) = _of_bias(weight)
    return max(-moments.low, moments.high) > 1.01 * drawn.bound or (
        _distance(moments.sample, drawn, 0.0) > LARGEST_DISTANCE
    )


def is_initial(looks: str) -> bool:
    """Whether the tensor looks as an initialiser leaves it."""
    return looks not in (OTHER, "empty")


@lru_cache(maxsize=1 << 10)
def _of_weight(fans: Shape) -> tuple[Candidate, ...]:
    found = []
    for known in _CANDIDATES:
        assert isinstance(known.distribution, (Uniform, Normal, TruncatedNormal))
        found.append(_candidate(known.name, known.std(fans), known.distribution))
    return *found, _candidate(NARROW, 0.02 * TRUNCATED_STD, TruncatedNormal())


def _of_bias(weight: Shape) -> tuple[Candidate, ...]:
    return (_candidate("torch-linear", 1 / math.sqrt(3 * weight[1]), Uniform(-math.sqrt(3), math.sqrt(3))),)


def _orthogonal(moments: Moments, spectral_norm: float, fraction_bits: int) -> str | None:
    """Its name, with the gain, if all singular values are equal."""
    if moments.rows is None or moments.columns is None:
        return None
    fewer = min(len(moments.rows[0]), len(moments.columns[0]))
    if fewer < 2 or not moments.std:
        return None
    common = moments.root_mean_square * math.sqrt(moments.size / fewer)
    if not math.isfinite(common) or spectral_norm > common * (1 + max(ORTHOGONAL, 2.0 ** (1 - fraction_bits))):
        return None
    digits = (3 if fraction_bits > 7 else 2) - min(math.floor(math.log10(common)), 0)
    gain = round(common, digits)
    return "orthogonal" if gain == 1.0 else f"orthogonal x{gain:g}"


def _misfit(candidate: Candidate, moments: Moments, spectral_norm: float | None, fraction_bits: int) -> float | None:
    """How far the variance is off, in standard errors; None if a test refuses the candidate."""
    n, std, kurtosis = moments.size, candidate.std, candidate.distribution.excess_kurtosis
    # what rounding does to the numbers
    rounding = 2.0**-fraction_bits
    if max(-moments.low, moments.high) > candidate.bound * (1 + rounding):
        return None
    ratio = moments.root_mean_square / std
    if not 1 / FAR < ratio < FAR:
        return None
    z_mean = math.sqrt(n) * moments.mean / std
    z_variance = (ratio**2 - 1) / math.hypot(math.sqrt((kurtosis + 2) / n), rounding / 4)
    # cheap tests first: most candidates end here
    risen = [z_variance, (z_mean**2 - 1) / math.sqrt(2)]
    if (
        max(abs(z_mean), abs(z_variance)) > LARGEST_Z
        or _distance(moments.sample, candidate, rounding) > LARGEST_DISTANCE
    ):
        return None
    if moments.rows is not None and moments.columns is not None:
        shape = len(moments.rows[0]), len(moments.columns[0])
        if min(shape) >= LEAST_SIDE:
            risen += _row_variations(moments.rows, shape[1], std, kurtosis)
            risen += _row_variations(moments.columns, shape[0], std, kurtosis)
            if spectral_norm is not None:
                risen.append(_z_of_edge(spectral_norm / std, shape))
    # any one of them or, a little risen each, all together; the mean has been tested
    if max(abs(z) for z in (risen[0], *risen[2:])) > LARGEST_Z or sum(risen) / math.sqrt(len(risen)) > LARGEST_TOGETHER:
        return None
    return abs(z_variance)


def _distance(sample: Floats, candidate: Candidate, rounding: float) -> float:
    """Kolmogorov and Smirnov's statistic, sqrt(n) times the largest distance of the distribution functions."""
    # a coarse type ties many numbers, which a large sample would notice
    most = len(sample) if rounding < 1e-3 else 1 << 12
    x = np.sort(sample[:: max(1, len(sample) // most)].astype(np.float64)) / candidate.std
    expected = distribution_function(x, candidate.distribution)
    n = len(x)
    above = np.arange(1, n + 1) / n - expected
    return float(math.sqrt(n) * max(above.max(), (1 / n - above).max()))


def distribution_function(x: Float64s, distribution: Uniform | Normal | TruncatedNormal) -> Float64s:
    """Probability of at most x, (...), by the distribution scaled to variance 1."""
    if isinstance(distribution, Uniform):
        return np.clip((x / math.sqrt(3) + 1) / 2, 0.0, 1.0)
    if isinstance(distribution, Normal):
        return _normal(x)
    outside = float(_normal(np.array([-TRUNCATED_AT]))[0])
    return np.asarray(np.clip((_normal(x * TRUNCATED_STD) - outside) / (1 - 2 * outside), 0.0, 1.0), np.float64)


def _normal(x: Float64s) -> Float64s:
    return np.asarray((1 + erf(x / math.sqrt(2))) / 2, np.float64)


def _row_variations(sums: tuple[Float64s, Float64s], length: int, std: float, kurtosis: float) -> list[float]:
    """How much sums over rows of this length, of numbers and of their squares, vary from row to row, as normal values.

    Those of independent numbers are standard normal values.
    """
    of_numbers = sums[0] / (std * math.sqrt(length))
    of_squares = (sums[1] / std**2 - length) / math.sqrt((kurtosis + 2) * length)
    # the excess kurtosis of a sum: of numbers, and at most of their squares
    return [_z_of_squares(of_numbers, kurtosis / length), _z_of_squares(of_squares, 12 / length)]


def _z_of_squares(values: Float64s, kurtosis: float) -> float:
    """The sum of squares of standard normal values as a normal value (Wilson & Hilferty 1931)."""
    m = len(values)
    ratio, spread = float(np.square(values).sum()) / m, 2 / (9 * m)
    # wider by the kurtosis of the values
    return float(ratio ** (1 / 3) - (1 - spread)) / math.sqrt(spread * (1 + max(kurtosis, 0.0) / 2))


def _z_of_edge(spectral_norm: float, shape: Shape) -> float:
    """The largest singular value of independent numbers with variance 1, about as a normal value.

    Centre and width of its square: I. M. Johnstone, Ann. Statist. 29 (2001) 295.
    """
    m, n = shape
    root = math.sqrt(m - 1) + math.sqrt(n)
    width = root * (1 / math.sqrt(m - 1) + 1 / math.sqrt(n)) ** (1 / 3)
    above = float((spectral_norm**2 - root**2) / width)
    if above < TRACY_WIDOM_MEAN:
        # what the Lanczos method leaves out
        low = float((spectral_norm**2 * (1 + LEFT_OUT) ** 2 - root**2) / width)
        return min((low - TRACY_WIDOM_MEAN) / TRACY_WIDOM_STD, 0.0)
    return (above - TRACY_WIDOM_MEAN) / TRACY_WIDOM_STD

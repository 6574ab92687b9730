"""Roots of functions of one variable: bracketed by a change of sign, then narrowed down.

Every equation that the theory solves numerically is solved here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

Point = tuple[float, float]
"""x and the value of the function there."""
Bracket = tuple[Point, Point]
"""Two points whose values differ in sign."""


def brackets(points: Iterable[Point]) -> Iterator[Bracket]:
    """The pairs of neighbouring points with a root between them. Takes no more points than it is asked for."""
    return ((before, after) for before, after in pairwise(points) if (before[1] > 0) != (after[1] > 0))


def bisect(function: Callable[[float], float], bracket: Bracket) -> float:
    """The root x > 0 in a bracket to the last bits: about 50 evaluations, by halving the bracket of ln x."""
    (near, at_near), (far, _) = bracket
    while abs(far / near - 1.0) > 1e-15:
        middle = math.sqrt(near * far)
        if middle in (near, far):
            break
        if (function(middle) > 0) == (at_near > 0):
            near = middle
        else:
            far = middle
    return math.sqrt(near * far)


def interpolate(function: Callable[[float], float], bracket: Bracket, precision: float = 1e-9) -> float:
    """The root in a bracket to an absolute `precision`: few evaluations, for a function that is costly and smooth.

    Regula falsi in the Illinois variant (Dowell & Jarratt 1971).
    """
    (a, at_a), (b, at_b) = bracket
    while abs(b - a) > precision and at_b != 0.0:
        c = b - at_b * (b - a) / (at_b - at_a)
        at_c = function(c)
        if (at_c > 0) == (at_b > 0):
            at_a /= 2.0
        else:
            a, at_a = b, at_b
        b, at_b = c, at_c
        if abs(at_c) < precision:
            break
    return b

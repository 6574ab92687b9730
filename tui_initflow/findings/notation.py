"""How numbers are written. Magnitudes arrive as log10, so that none is too small or too large to write."""

from __future__ import annotations

import math


def scientific(log10: float, digits: int = 2) -> str:
    """10**log10 as 4.64e-03, at any exponent; 0 for -inf, inf for +inf."""
    if math.isnan(log10):
        return "?"
    if math.isinf(log10):
        return "0" if log10 < 0 else "inf"
    exponent = math.floor(log10)
    mantissa = f"{10 ** (log10 - exponent):.{digits}f}"
    if mantissa.startswith("10"):  # 9.999 rounded up
        mantissa, exponent = f"{1:.{digits}f}", exponent + 1
    return f"{mantissa}e{exponent:+03d}"


def plain(log10: float) -> str:
    """10**log10 with three significant digits, in positional notation where that stays short."""
    if not math.isfinite(log10) or not -3 <= log10 < 4:
        return scientific(log10)
    value = float(f"{10**log10:.3g}")  # rounded before its digits are counted: 0.9999 is 1.00
    return f"{value:.{max(0, 2 - math.floor(math.log10(value)))}f}"


def factor(log10: float) -> str:
    """A ratio: 61.4x, 1.05x, 1.23e+08x."""
    return f"{plain(log10)}x"


def percent(share: float) -> str:
    """A share as a whole percentage, with one more digit where rounding would mislead: 99.6% is not 100%."""
    whole = f"{share:.0%}"
    if whole in ("0%", "100%") and 0 < share < 1:
        return f"{share:.1%}" if 0.0005 <= share < 0.9995 else ("<0.1%" if share < 0.5 else ">99.9%")
    return whole


def share_left(log10: float) -> str:
    """What is left of a gradient of 1, in two digits: 35%, 0.42%, and 4.2e-06 or 3.1e+02 where percent say less."""
    if not -3 <= log10 <= 1:
        return scientific(log10, 1)
    share = 100 * 10**log10
    return f"{share:.{max(0, 1 - math.floor(math.log10(share)))}f}%"


def counted(count: int, noun: str) -> str:
    """1 run, 20 runs, 100,000 runs."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"

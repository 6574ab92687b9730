"""Braille characters as dots: eight to a cell, two across and four down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DOTS_X, DOTS_Y = 2, 4
"""Dots in a cell."""

BLANK = 0x2800

Masks = NDArray[np.uint8]
"""(rows, columns): the bits of the dots that are set in each cell."""

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
"""The bit of each dot, (DOTS_Y, DOTS_X)."""


def masks(lines: Sequence[str]) -> Masks:
    """The dots of lines of braille and blanks, all of the same length."""
    codes = np.frombuffer("".join(lines).encode("utf-32-le"), dtype="<u4").reshape(len(lines), -1)
    return np.where(codes >= BLANK, codes - BLANK, 0).astype(np.uint8)


def thickened(cells: Masks) -> Masks:
    """Every dot grown by one to the right and one down."""
    rows, columns = cells.shape
    dots = (cells[:, None, :, None] & _BITS[None, :, None, :]) != 0
    dots = dots.reshape(rows * DOTS_Y, columns * DOTS_X)
    grown = dots.copy()
    grown[1:] |= dots[:-1]
    grown[:, 1:] |= dots[:, :-1]
    bits = grown.reshape(rows, DOTS_Y, columns, DOTS_X) * _BITS[None, :, None, :]
    together: Masks = np.bitwise_or.reduce(bits, axis=(1, 3)).astype(np.uint8)
    return together

"""Lists of layer widths as text: 784-512x20-10 is 784 inputs, twenty layers of 512 neurons and one of 10."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

MOST_CHARACTERS = 6000
EXAMPLE = "784-512x20-10"
_PART = re.compile(r"(?P<width>[0-9]{1,7})(?:x(?P<times>[0-9]{1,5}))?")


def parse_widths(text: str, most_layers: int) -> tuple[int, ...]:
    """The widths one by one, features first.

    Raises:
        ValueError: not a list of widths, or one of more than `most_layers` layers.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError("the list is too long")
    widths: list[int] = []
    for part in text.strip().split("-"):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"{part[:20]!r} is not a width")
        times = int(match["times"] or 1)
        if not times:
            raise ValueError("a repeat count must be at least 1")
        if len(widths) + times > most_layers + 1:
            raise ValueError(f"more than {most_layers} layers")
        widths += [int(match["width"])] * times
    return tuple(widths)


def widths_text(widths: Sequence[int]) -> str:
    """The shortest text for these widths; the features always stand alone."""
    parts = [str(widths[0])]
    for width, group in itertools.groupby(widths[1:]):
        times = len(list(group))
        parts.append(str(width) if times == 1 else f"{width}x{times}")
    return "-".join(parts)

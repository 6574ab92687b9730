"""The characters charts are made of, for terminals with and without Unicode."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

BRAILLE, BLOCKS = "braille", "hd"
"""plotext's names of markers of 2 x 4 and of 2 x 2 dots per cell; other markers are single characters."""


class Glyphs(NamedTuple):
    """One character each, except for legend samples and plotext's markers; mappings are by role."""

    unicode: bool = True
    sample: Mapping[str, str] = {"a": "━━", "b": "╍╍"}
    curve: Mapping[str, str] = {"a": BRAILLE, "b": BRAILLE, "ratio": BRAILLE}
    """The markers that plotext draws curves with, and those of bars."""
    bar: str = BLOCKS
    thin: str = BRAILLE
    ghost: str = "──"
    """The marker of curves that stay behind others."""
    marker: Mapping[str, str] = {"a": "●", "b": "◆", "ratio": "●"}
    expected: Mapping[str, str] = {"a": "○", "b": "◇"}
    whiskers: str = "┬┴"
    """The upper and the lower end of what theory expects."""
    below: str = "▼"
    above: str = "▲"
    nan: str = "×"
    infinity: str = "∞"
    current: str = "●"
    grid: str = "┈"
    reference: str = "╌"
    vertical: str = "│"
    line: str = "━"
    """Over the cells of a map."""
    full: str = "█"
    sliver: str = "▁"
    """A bar too low for the blocks that plotext draws."""
    solid: str = "▄▌▐▙▟█"
    """What of bars fills half a cell or more."""
    heights: str = "▁▂▃▄▅▆▇█"
    """From low to high, of bars that are one character."""
    shade: str = "░"
    """What is behind the curves, where there are no colours."""
    hatch: str = "╱"
    drawn: Mapping[int, str] = {}
    """Translates the axes that plotext draws."""

    def mark_of(self, value: float) -> str:
        """The mark of a logarithm without a place on its axis: nan, infinity, or that of 0."""
        return self.nan if math.isnan(value) else self.above if value > 0 else self.below


UNICODE = Glyphs()

ASCII = Glyphs(
    unicode=False,
    sample={"a": "**", "b": "oo"},
    curve={"a": "*", "b": "o", "ratio": "*"},
    bar="#",
    thin="-",
    ghost="--",
    marker={"a": "*", "b": "o", "ratio": "*"},
    expected={"a": "A", "b": "B"},
    whiskers="TL",
    below="v",
    above="^",
    nan="x",
    infinity="inf",
    current="@",
    grid=".",
    reference="-",
    vertical="|",
    line="=",
    full="#",
    sliver="_",
    solid="",
    heights="_.-~=+*#",
    shade=":",
    hatch="/",
    drawn=dict(zip(map(ord, "─│├┤┬┴┼└"), "-|++++++", strict=True)),
)

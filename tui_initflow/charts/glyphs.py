"""The characters charts are made of, for terminals with and without Unicode."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

BRAILLE, BLOCKS = "braille", "hd"
"""plotext's names of markers of 2 x 4 and of 2 x 2 dots per cell; other markers are single characters."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One character each, except for legend samples and plotext's markers; dicts are by role."""

    unicode: bool
    sample: dict[str, str]
    curve: dict[str, str]
    """The markers that plotext draws curves with, and those of bars."""
    bar: str
    thin: str
    """The marker of curves that stay behind others."""
    marker: dict[str, str]
    expected: dict[str, str]
    whiskers: str
    """The upper and the lower end of what theory expects."""
    below: str
    above: str
    nan: str
    infinity: str
    current: str
    grid: str
    reference: str
    vertical: str
    full: str
    sliver: str
    """A bar too low for the blocks that plotext draws."""
    solid: str
    """What of bars fills half a cell or more."""
    shade: str
    """What is behind the curves, where there are no colours."""
    hatch: str
    drawn: Mapping[int, str]
    """Translates the axes that plotext draws."""

    def mark_of(self, value: float) -> str:
        """The mark of a logarithm without a place on its axis: nan, infinity, or that of 0."""
        return self.nan if math.isnan(value) else self.above if value > 0 else self.below


UNICODE = Glyphs(
    unicode=True,
    sample={"a": "━━", "b": "╍╍", "ratio": "━━"},
    curve={"a": BRAILLE, "b": BRAILLE, "ratio": BRAILLE},
    bar=BLOCKS,
    thin=BRAILLE,
    marker={"a": "●", "b": "◆", "ratio": "●"},
    expected={"a": "○", "b": "◇"},
    whiskers="┬┴",
    below="▼",
    above="▲",
    nan="×",
    infinity="∞",
    current="●",
    grid="┈",
    reference="╌",
    vertical="│",
    full="█",
    sliver="▁",
    solid="▄▌▐▙▟█",
    shade="░",
    hatch="╱",
    drawn={},
)

ASCII = Glyphs(
    unicode=False,
    sample={"a": "**", "b": "oo", "ratio": "**"},
    curve={"a": "*", "b": "o", "ratio": "*"},
    bar="#",
    thin="-",
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
    full="#",
    sliver="_",
    solid="",
    shade=":",
    hatch="/",
    drawn=dict(zip(map(ord, "─│├┤┬┴┼└"), "-|++++++", strict=True)),
)

"""How charts look: their colours, derived from the theme they are shown in, and their characters."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, NamedTuple

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


@dataclass(frozen=True, slots=True)
class Palette:
    """Every colour a chart or a table uses, as "#rrggbb", and the characters that charts are made of."""

    a: str
    b: str
    band_a: str
    band_b: str
    overlap: str
    text: str
    muted: str
    grid: str
    background: str
    surface: str
    accent: str
    good: str
    warn: str
    bad: str
    lost: str
    imprecise: str
    glyphs: Glyphs = field(default=UNICODE, hash=False)

    @property
    def in_ascii(self) -> Palette:
        """These colours, for a terminal without Unicode."""
        return replace(self, glyphs=ASCII)

    def of(self, side: Literal["a", "b"]) -> str:
        """The colour of what is drawn for method a or b."""
        return self.a if side == "a" else self.b


_ON_DARK = ("#ff6b6b", "#4ecdc4", "#f2c14e", "#7bd88f")
_ON_LIGHT = ("#c42b2b", "#0b6e67", "#7a5200", "#1c6b2c")
"""The hues of a, of b, of accents and warnings, and of what is good; what is bad has that of a."""

READABLE = 4.5
"""Contrast of text on its background (WCAG AA), unless a theme asks for more."""


def blend(front: str, back: str, share: float) -> str:
    """`share` of `front` laid over `back`."""
    mixed = (round(share * f + (1 - share) * b) for f, b in zip(channels(front), channels(back), strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def contrast(first: str, second: str) -> float:
    """WCAG contrast of two colours, 1 to 21."""
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@lru_cache(maxsize=64)
def palette_for(dark: bool, background: str, surface: str, text: str, least: float = READABLE) -> Palette:
    """The palette for a theme, whose text has at least this contrast, as far as the theme's own text has it.

    A colour that the theme gives in another form than "#rrggbb" is replaced.
    """
    back = _hex_or(background, "#121212" if dark else "#f5f5f5")
    front = _hex_or(text, "#e6e6e6" if dark else "#1a1a1a")
    hues, band_strength = (_ON_DARK, 0.22) if dark else (_ON_LIGHT, 0.16)
    a, b, accent, good, muted = (readable(hue, back, front, least) for hue in (*hues, blend(front, back, 0.6)))
    return Palette(
        a=a,
        b=b,
        band_a=blend(a, back, band_strength),
        band_b=blend(b, back, band_strength),
        overlap=blend(blend(a, b, 0.5), back, band_strength * 1.5),
        text=front,
        muted=muted,
        grid=blend(front, back, 0.25),
        background=back,
        surface=_hex_or(surface, back),
        accent=accent,
        good=good,
        warn=accent,
        bad=a,
        lost=blend(a, back, 0.6 * band_strength),
        imprecise=blend(accent, back, 0.5 * band_strength),
    )


def readable(colour: str, background: str, text: str, least: float = READABLE) -> str:
    """`colour`, moved towards the text colour until it reads on the background."""
    for step in range(11):
        candidate = blend(text, colour, step / 10)
        if contrast(candidate, background) >= least:
            return candidate
    return text


def _hex_or(colour: str, fallback: str) -> str:
    digits = re.match("#[0-9a-f]{6}", colour.lower())
    return digits[0] if digits else fallback


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


DARK = palette_for(True, "#121212", "#1e1e1e", "#e6e6e6")
LIGHT = palette_for(False, "#f5f5f5", "#ffffff", "#1a1a1a")

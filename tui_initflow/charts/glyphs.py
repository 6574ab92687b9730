"""The characters charts are made of, for terminals with and without Unicode."""

from __future__ import annotations

from dataclasses import dataclass

from tui_initflow.charts.plotext_adapter import BRAILLE


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One character each, except for the legend samples; dicts are by role."""

    braille: bool
    sample: dict[str, str]
    line: dict[str, str]
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
    horizontal: str
    vertical: str
    tick_left: str
    tick_below: str
    corner: str
    full: str
    shade: str
    """What is behind the curves, where there are no colours."""
    hatch: str
    eighths: str
    """From nothing to full; without the half block, which stands for shade (see cells)."""


UNICODE = Glyphs(
    braille=True,
    sample={"a": "━━", "b": "╍╍", "ratio": "━━"},
    line={"a": BRAILLE, "b": BRAILLE, "ratio": BRAILLE},
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
    horizontal="─",
    vertical="│",
    tick_left="┤",
    tick_below="┴",
    corner="└",
    full="█",
    shade="░",
    hatch="╱",
    eighths=" ▁▂▃▃▅▆▇█",
)

ASCII = Glyphs(
    braille=False,
    sample={"a": "**", "b": "oo", "ratio": "**"},
    line={"a": "*", "b": "o", "ratio": "*"},
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
    horizontal="-",
    vertical="|",
    tick_left="+",
    tick_below="+",
    corner="+",
    full="#",
    shade=":",
    hatch="/",
    eighths="    #####",
)

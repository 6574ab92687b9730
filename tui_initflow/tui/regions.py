"""Where each part of the screen stands: a pure function of the size, and the Textual layout that applies it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement

from tui_initflow.model.experiment import SIZES
from tui_initflow.pages.panes import PANES

if TYPE_CHECKING:
    from textual.widget import Widget

SMALLEST = Size(80, 23)

Regions = dict[str, Region]


def arrangement(size: Size) -> str:
    """`compact` (one pane at a time), `medium` (sweeps and gradient stay) or `dashboard` (everything at once)."""
    if size.width >= 180 and size.height >= 50:
        return "dashboard"
    if size.width >= 110 and size.height >= 34:
        return "medium"
    return "compact"


def regions(size: Size, pane: str, zoomed: str | None = None) -> tuple[Regions, tuple[str, ...]]:
    """Region of every visible part, by widget id, on a body of `size` cells; and the panes to choose from by tabs.

    `pane` is the one chosen of these; `zoomed` the id of a part that takes the whole body. Sizes under 80x23 are laid
    out as 80x23: the body scrolls.
    """
    size = Size(max(size.width, SMALLEST.width), max(size.height, SMALLEST.height))
    build = {"compact": _compact, "medium": _medium, "dashboard": _dashboard}[arrangement(size)]
    placed, (x, y, width, height) = build(*size)
    # the panes without a place of their own share one, under tabs if there are several
    sharing = tuple(name for name in PANES if name not in placed and (name != "sweeps" or "sweep-layers" not in placed))
    chosen = pane if pane in sharing else sharing[0]
    tabbed = sharing if len(sharing) > 1 else ()
    if tabbed:
        placed["tabs"] = Region(x, y, width, 1)
        y, height = y + 1, height - 1
    if chosen == "sweeps":
        placed |= _named("sweep", _columns(x, y, width, height))
    else:
        placed[chosen] = Region(x, y, width, height)
    return (placed if zoomed is None else {zoomed: Region(0, 0, *size)}), tabbed


Arrangement = tuple[Regions, Region]
"""The parts that have a place of their own, and the place that the other panes share."""


def _compact(width: int, height: int) -> Arrangement:
    return (
        _top(width, 0, width) | _named("field", _columns(0, 2, width, 1)),
        Region(0, 6, width, height - 6),
    )


def _medium(width: int, height: int) -> Arrangement:
    left = max(38, round(width * 0.32))
    x, right = left + 2, width - left - 2
    gradient = (height - 6) // 2
    return (
        _top(width, x, right) | _parameters(left, height) | {"gradient": Region(x, 7, right, gradient)},
        Region(x, 7 + gradient, right, height - 7 - gradient),
    )


def _dashboard(width: int, height: int) -> Arrangement:
    left = round(width * 0.21)
    middle = round(width * 0.36)
    x1, x2 = left + 2, left + middle + 4
    right = width - x2
    gradient = round((height - 7) * 0.55)
    tables = min(round((height - 3) * 0.46), 30)
    histograms = max(19, round((height - 3 - tables) * 0.6))
    return (
        _top(width, x1, middle)
        | _parameters(left, height)
        | {
            "gradient": Region(x1, 7, middle, gradient),
            "runs": Region(x1, 8 + gradient, middle, height - 8 - gradient),
            "layers": Region(x2, 3, right, tables),
            "preactivations": Region(x2, 4 + tables, right, histograms),
        },
        Region(x2, 5 + tables + histograms, right, height - 5 - tables - histograms),
    )


def _top(whole: int, x: int, width: int) -> Regions:
    """The title over the whole width, and the buttons and the banner from column `x` on."""
    return {
        "title": Region(0, 0, whole, 1),
        "insight": Region(0, 1, whole, 1),
        "actions": Region(x, 3, width, 1),
        "banner": Region(x, 4, width, 2),
    }


def _parameters(width: int, height: int) -> Regions:
    """A column at the left, of each input with its sweep chart under it."""
    edges = [3 + round(i * (height - 3) / len(SIZES)) for i in range(len(SIZES) + 1)]
    spans = list(itertools.pairwise(edges))
    return _named("field", [Region(0, top, width, 1) for top, _ in spans]) | _named(
        "sweep", [Region(0, top + 1, width, bottom - top - 1) for top, bottom in spans]
    )


def _columns(x: int, y: int, width: int, height: int) -> list[Region]:
    """As many regions side by side as there are sizes, with a gutter of one cell; they fill the width."""
    edges = [x + round(i * (width + 1) / len(SIZES)) for i in range(len(SIZES) + 1)]
    return [Region(a, y, b - 1 - a, height) for a, b in itertools.pairwise(edges)]


def _named(part: str, places: list[Region]) -> Regions:
    return {f"{part}-{name}": place for name, place in zip(SIZES, places, strict=True)}


class BodyLayout(Layout):
    """Places the children of the body by id; a child without a region is not shown."""

    name = "body"

    def __init__(self) -> None:
        self.regions: Regions = {}

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        parent.pre_layout(self)
        return [
            WidgetPlacement(self.regions[child.id], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child.id in self.regions
        ]

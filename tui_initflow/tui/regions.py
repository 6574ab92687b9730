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

PLACED = {
    "compact": (),
    "medium": ("gradient", "sweeps"),
    "dashboard": ("gradient", "layers", "preactivations", "runs", "sweeps"),
}
"""The panes that have a place of their own in each arrangement."""

Regions = dict[str, Region]


def arrangement(size: Size) -> str:
    """`compact` (one pane at a time), `medium` (sweeps and gradient stay) or `dashboard` (everything at once)."""
    if size.width >= 180 and size.height >= 50:
        return "dashboard"
    if size.width >= 110 and size.height >= 34:
        return "medium"
    return "compact"


def tabbed_panes(size: Size) -> tuple[str, ...]:
    """The panes that share one place and are told apart by tabs; empty where all are visible."""
    panes = _sharing(size)
    return panes if len(panes) > 1 else ()


def _sharing(size: Size) -> tuple[str, ...]:
    """The panes without a place of their own."""
    return tuple(pane for pane in PANES if pane not in PLACED[arrangement(size)])


def regions(size: Size, pane: str, zoomed: str | None = None) -> Regions:
    """Region of every visible part, by widget id, on a body of `size` cells.

    `pane` is the pane chosen among the tabbed ones; `zoomed` the id of a part that takes the whole body.
    Sizes under 80x23 are laid out as 80x23: the body scrolls.
    """
    size = Size(max(size.width, SMALLEST.width), max(size.height, SMALLEST.height))
    if zoomed is not None:
        return {zoomed: Region(0, 0, size.width, size.height)}
    build = {"compact": _compact, "medium": _medium, "dashboard": _dashboard}[arrangement(size)]
    return build(size, pane)


def _columns(x: int, y: int, width: int, height: int, count: int, gutter: int = 1) -> list[Region]:
    """`count` regions side by side that fill the width."""
    edges = [x + round(i * (width + gutter) / count) for i in range(count + 1)]
    return [Region(a, y, b - gutter - a, height) for a, b in itertools.pairwise(edges)]


def _heading(width: int) -> Regions:
    return {"title": Region(0, 0, width, 1), "insight": Region(0, 1, width, 1)}


def _parameter_column(x: int, y: int, width: int, height: int) -> Regions:
    """Each input with its sweep chart under it, stacked."""
    edges = [y + round(i * height / 3) for i in range(4)]
    placed = {}
    for name, (top, bottom) in zip(SIZES, itertools.pairwise(edges), strict=True):
        placed[f"field-{name}"] = Region(x, top, width, 1)
        placed[f"sweep-{name}"] = Region(x, top + 1, width, bottom - top - 1)
    return placed


def _compact(size: Size, pane: str) -> Regions:
    width, height = size
    fields = _columns(0, 2, width, 1, 3)
    placed = _heading(width) | {f"field-{name}": region for name, region in zip(SIZES, fields, strict=True)}
    placed |= {
        "actions": Region(0, 3, width, 1),
        "banner": Region(0, 4, width, 2),
    }
    placed |= _shared_place(size, pane, Region(0, 6, width, height - 6))
    if pane == "sweeps":
        charts = _columns(*placed.pop(pane), 3)
        placed |= {f"sweep-{name}": region for name, region in zip(SIZES, charts, strict=True)}
    return placed


def _medium(size: Size, pane: str) -> Regions:
    width, height = size
    left = max(38, round(width * 0.32))
    x, right = left + 2, width - left - 2
    gradient = (height - 6) // 2
    return (
        _heading(width)
        | _parameter_column(0, 3, left, height - 3)
        | {
            "actions": Region(x, 3, right, 1),
            "banner": Region(x, 4, right, 2),
            "gradient": Region(x, 7, right, gradient),
        }
        | _shared_place(size, pane, Region(x, 7 + gradient, right, height - 7 - gradient))
    )


def _dashboard(size: Size, pane: str) -> Regions:
    width, height = size
    left = round(width * 0.21)
    middle = round(width * 0.36)
    x1, x2 = left + 2, left + middle + 4
    right = width - x2
    top = 7
    gradient = round((height - top) * 0.55)
    tables = min(round((height - 3) * 0.46), 30)
    histograms = max(19, round((height - 3 - tables) * 0.6))
    return (
        _heading(width)
        | _parameter_column(0, 3, left, height - 3)
        | {
            "actions": Region(x1, 3, middle, 1),
            "banner": Region(x1, 4, middle, 2),
            "gradient": Region(x1, top, middle, gradient),
            "runs": Region(x1, top + gradient + 1, middle, height - top - gradient - 1),
            "layers": Region(x2, 3, right, tables),
            "preactivations": Region(x2, 4 + tables, right, histograms),
        }
        | _shared_place(size, pane, Region(x2, 5 + tables + histograms, right, height - 5 - tables - histograms))
    )


def _shared_place(size: Size, pane: str, region: Region) -> Regions:
    """The chosen one of the panes that share a place, under their tabs if there are several."""
    panes = _sharing(size)
    chosen = pane if pane in panes else panes[0]
    if len(panes) == 1:
        return {chosen: region}
    x, y, width, height = region
    return {"tabs": Region(x, y, width, 1), chosen: Region(x, y + 1, width, height - 1)}


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

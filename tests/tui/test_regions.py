"""The arrangement at every size: nothing overlaps, nothing leaves the body, every part is reachable."""

from itertools import combinations

import pytest
from textual.geometry import Region, Size

from tui_initflow.model.experiment import SIZES as FIELDS
from tui_initflow.tui.regions import PANES, SMALLEST, arrangement, regions, tabbed_panes

SIZES = [Size(w, h) for w in (80, 100, 110, 120, 150, 179, 180, 200, 300) for h in (23, 24, 33, 34, 39, 49, 50, 59, 99)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("pane", PANES)
def test_parts_fill_the_body_without_overlap(size: Size, pane: str) -> None:
    placed = regions(size, pane)
    body = Region(0, 0, size.width, size.height)
    for name, region in placed.items():
        assert region.width > 0, name
        assert region.height > 0, name
        assert body.contains_region(region), name
    for (first, a), (second, b) in combinations(placed.items(), 2):
        assert not a.overlaps(b), f"{first} overlaps {second}"


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_inputs_banner_and_actions_are_always_visible(size: Size) -> None:
    for pane in PANES:
        placed = regions(size, pane)
        assert {"banner", "actions", "title", "insight"} <= placed.keys()
        assert {f"field-{name}" for name in FIELDS} <= placed.keys()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_pane_can_be_reached(size: Size) -> None:
    for pane in PANES:
        placed = regions(size, pane)
        if pane == "sweeps":
            assert {f"sweep-{name}" for name in FIELDS} <= placed.keys()
        else:
            assert pane in placed
        assert ("tabs" in placed) == bool(tabbed_panes(size))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (Size(80, 23), "compact"),
        (Size(200, 23), "compact"),
        (Size(80, 59), "compact"),
        (Size(120, 39), "medium"),
        (Size(120, 59), "medium"),
        (Size(200, 39), "medium"),
        (Size(200, 59), "dashboard"),
    ],
)
def test_arrangement_by_size(size: Size, expected: str) -> None:
    assert arrangement(size) == expected


def test_sweep_charts_stand_under_their_inputs() -> None:
    for size in (Size(80, 23), Size(120, 39), Size(200, 59)):
        placed = regions(size, "sweeps")
        for name in FIELDS:
            field, chart = placed[f"field-{name}"], placed[f"sweep-{name}"]
            assert (chart.x, chart.width) == (field.x, field.width)
            assert chart.y >= field.bottom


@pytest.mark.parametrize("size", [Size(1, 1), Size(20, 10), Size(79, 22)])
def test_smaller_bodies_scroll_over_the_smallest_arrangement(size: Size) -> None:
    assert regions(size, "gradient") == regions(SMALLEST, "gradient")


def test_zoom_takes_the_whole_body() -> None:
    assert regions(Size(120, 39), "gradient", "why") == {"why": Region(0, 0, 120, 39)}

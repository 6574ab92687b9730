"""The arrangement at every size: nothing overlaps, nothing leaves the body, every part is reachable."""

from itertools import combinations, product

import pytest
from textual.geometry import Region, Size

from tui_initflow.model.experiment import SIZES as FIELDS
from tui_initflow.pages.panes import PANES, Pane
from tui_initflow.tui import regions as layout
from tui_initflow.tui.regions import SMALLEST, arrangement, regions

WIDTHS = (80, 100, 110, 120, 150, 179, 180, 200, 300)
HEIGHTS = (23, 24, 33, 34, 39, 49, 50, 59, 99)
BODIES = [Size(width, height) for width, height in product(WIDTHS, HEIGHTS)]


def test_parts_fill_the_body_without_overlap() -> None:
    for size, pane in product(BODIES, PANES):
        placed, _ = regions(size, pane)
        body = Region(0, 0, size.width, size.height)
        for name, region in placed.items():
            assert region.width > 0, (size, name)
            assert region.height > 0, (size, name)
            assert body.contains_region(region), (size, name)
        for (first, a), (second, b) in combinations(placed.items(), 2):
            assert not a.overlaps(b), f"{first} overlaps {second} at {size}"


def test_inputs_banner_and_actions_are_always_visible() -> None:
    always = {"banner", "actions", "title", "insight", *(f"field-{name}" for name in FIELDS)}
    for size, pane in product(BODIES, PANES):
        assert always <= regions(size, pane)[0].keys(), (size, pane)


def test_every_pane_can_be_reached() -> None:
    for size, pane in product(BODIES, PANES):
        placed, tabbed = regions(size, pane)
        parts = {f"sweep-{name}" for name in FIELDS} if pane == "sweeps" else {pane}
        assert parts <= placed.keys(), (size, pane)
        assert ("tabs" in placed) == bool(tabbed), (size, pane)


def test_a_pane_needs_only_its_row_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "PANES", {**PANES, "new": Pane("New", PANES["why"].aid, "A promise.")})
    test_parts_fill_the_body_without_overlap()
    for size in BODIES:
        placed, tabbed = regions(size, "new")
        assert "new" in placed
        assert "tabs" in placed
        assert "new" in tabbed


def test_arrangement_by_size() -> None:
    expected = {
        "compact": ((80, 23), (200, 23), (80, 59)),
        "medium": ((120, 39), (120, 59), (200, 39)),
        "dashboard": ((200, 59),),
    }
    for name, sizes in expected.items():
        for size in sizes:
            assert arrangement(Size(*size)) == name, size


def test_sweep_charts_stand_under_their_inputs() -> None:
    for size in (Size(80, 23), Size(120, 39), Size(200, 59)):
        placed, _ = regions(size, "sweeps")
        for name in FIELDS:
            field, chart = placed[f"field-{name}"], placed[f"sweep-{name}"]
            assert (chart.x, chart.width) == (field.x, field.width)
            assert chart.y >= field.bottom


def test_smaller_bodies_scroll_over_the_smallest_arrangement() -> None:
    for size in (Size(1, 1), Size(20, 10), Size(79, 22)):
        assert regions(size, "gradient") == regions(SMALLEST, "gradient")


def test_zoom_takes_the_whole_body() -> None:
    assert regions(Size(120, 39), "gradient", "why")[0] == {"why": Region(0, 0, 120, 39)}

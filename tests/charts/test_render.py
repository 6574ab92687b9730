import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.charts.samples import bars, demo, every_chart, gradient, histogram, lines, runs, sweep
from tui_initflow.charts.cells import to_plain, to_text
from tui_initflow.charts.description import Chart, LineChart, Series, Zone
from tui_initflow.charts.palette import DARK, LIGHT
from tui_initflow.charts.render import render

log10s = st.one_of(st.floats(-20, 2), st.sampled_from([-math.inf, math.inf, math.nan, 0.0]), st.floats(-400, 400))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(log10s, log10s), min_size=1, max_size=25),
    st.integers(1, 130),
    st.integers(1, 45),
    st.booleans(),
)
def test_pictures_have_the_size_asked_for(
    pairs: list[tuple[float, float]], width: int, height: int, unicode: bool
) -> None:
    a, b = [first for first, _ in pairs], [second for _, second in pairs]
    for chart in every_chart(a, b):
        picture = render(chart, width, height, DARK if unicode else DARK.in_ascii)
        assert [len(line) for line in lines(picture)] == [width] * height
        assert all(first[1] != second[1] for row in picture for first, second in pairwise(row))
        assert picture == render(chart, width, height, DARK if unicode else DARK.in_ascii)
        # the bands are blanks with a background, so nothing else is left of them in ASCII
        assert unicode or all(line.isascii() or "…" in line for line in lines(picture))


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0), (-3, 2)])
def test_no_room_is_no_picture(size: tuple[int, int]) -> None:
    assert to_text(render(demo(), *size, DARK)).strip() == ""


def test_the_demo_reads_in_monochrome() -> None:
    text = to_plain(render(demo(), 78, 16, DARK), DARK)
    title = text.splitlines()[0]
    assert title.startswith("Gradient magnitude through layers")
    assert title.endswith("━━ Uniform  ╍╍ Normal")
    for label in ("L0", "L5", "L10", "10⁻²", "10⁻¹"):
        assert label in text
    assert not set("▀▄") & set(text)


def test_the_title_gives_way_to_the_legend() -> None:
    assert lines(render(demo(), 40, 8, DARK))[0] == "Gradient           ━━ Uniform  ╍╍ Normal"
    assert lines(render(demo(), 24, 8, DARK))[0].strip() == "━━ Uniform  ╍╍ Normal"
    assert lines(render(demo(), 18, 8, DARK))[0].strip() == "━━ Unif…  ╍╍ Norm…"


def test_curves_have_their_colours() -> None:
    for palette in (DARK, LIGHT):
        used = {style.fg for row in render(demo(), 78, 16, palette) for _, style in row}
        behind = {style.bg for row in render(demo(), 78, 16, palette) for _, style in row}
        assert {palette.a, palette.b} <= used
        assert {palette.band_a, palette.band_b} <= behind | used


def test_zones_are_shaded_and_named_where_they_are_in_sight() -> None:
    zones = [Zone("lost", -math.inf, -1.5, is_lost=True), Zone("coarse", -1.5, -1.0, is_lost=False)]
    far = Zone("far", 5.0, math.inf, is_lost=True)
    chart = demo()
    assert isinstance(chart, LineChart)
    picture = render(replace(chart, zones=[*zones, far]), 78, 16, DARK)
    text = lines(picture)
    assert [sum(name in line for line in text) for name in ("lost", "coarse", "far")] == [1, 1, 0]
    behind = [{style.bg for _, style in row} for row in picture]
    lost, coarse = (
        [y for y, colours in enumerate(behind) if colour in colours] for colour in (DARK.lost, DARK.imprecise)
    )
    assert coarse
    assert max(coarse) < min(lost)
    assert [line.split() for line in lines(render(demo(), 78, 16, DARK))[1:5]] == [line.split() for line in text[1:5]]


@pytest.mark.parametrize("size", [(30, 8), (78, 16), (120, 35)])
def test_zero_infinity_and_nan_are_marked(size: tuple[int, int]) -> None:
    a = [-math.inf, -3.0, -2.0, math.inf, 0.0]
    b = [math.nan, -1.0, -1.0, -1.0, 0.0]
    picture = lines(render(gradient(a, b), *size, DARK))
    plot = "\n".join(picture[1:])
    assert [plot.count(mark) for mark in "▼▲×"] == [1, 1, 1]
    assert "∞" in plot
    assert "0/nan" in plot
    ascii_plot = "\n".join(lines(render(gradient(a, b), *size, DARK.in_ascii)))
    assert all(mark in ascii_plot for mark in "v^x")


def test_both_series_at_zero_are_both_marked() -> None:
    zeros = [-math.inf] * 5
    picture = render(gradient(zeros, zeros), 60, 12, DARK)
    marks = [(style.fg, text.count("▼")) for row in picture for text, style in row if "▼" in text]
    assert sum(count for colour, count in marks if colour == DARK.a) == 5
    assert sum(count for colour, count in marks if colour == DARK.b) == 5


def test_a_single_point_is_a_marker() -> None:
    text = to_text(render(gradient([0.0], [-1.0], 0.0), 30, 10, DARK))
    assert text.count("●") == 1
    assert text.count("◆") == 1


def depths(current: float | None = 10, cursor: float | None = None) -> Chart:
    """A ratio that passes 1x between 1 and 20 layers."""
    values = np.arange(1.0, 21.0)
    mean = -0.3 + 0.18 * (values - 1)
    return sweep(Series("", "ratio", values, mean, (mean - 0.1, mean + 0.1)), current, cursor)


@pytest.mark.parametrize("size", [(24, 8), (40, 10), (48, 16)])
def test_a_sweep_shows_the_current_value(size: tuple[int, int]) -> None:
    picture = render(depths(), *size, DARK)
    assert to_text(picture).count("●") == 1
    assert [text for text, style in picture[-1] if style.bold] == ["10"]
    assert "╌" in to_text(picture)
    assert "1x" in to_text(picture)


def test_a_sweep_takes_the_colour_of_the_winner() -> None:
    picture = render(depths(None), 48, 16, DARK)
    dots = [(y, style.fg) for y, row in enumerate(picture) for text, style in row if _has_dots(text)]
    even = next(y for y, line in enumerate(lines(picture)) if "╌" in line)
    assert {colour for y, colour in dots if y < even} == {DARK.b}
    assert {colour for y, colour in dots if y > even} == {DARK.a}


def _has_dots(text: str) -> bool:
    return any(0x2800 < ord(char) < 0x2900 for char in text)


def test_the_cursor_is_a_line_with_its_value() -> None:
    picture = render(depths(10, 14), 48, 16, DARK)
    accent = [text for row in picture for text, style in row if style.fg == DARK.accent]
    assert accent.count("│") >= 10
    assert accent.count("●") == 1
    assert "14" in accent


def test_runs_that_cover_each_other_say_so() -> None:
    picture = render(runs([-1.0, -2.0], [-1.0, -1.5]), 40, 12, DARK)
    covered = [text for row in picture for text, style in row if style.bg == DARK.band_a]
    assert covered == ["◆"]


def test_bars_grow_with_their_values_and_differ_without_colour() -> None:
    picture = lines(render(bars([-2.0, 0.0], [-1.0, 0.0]), 40, 12, DARK))
    columns = ["".join(line[column] for line in picture[1:-2]) for column in range(5, 40)]
    solid = [column.count("█") for column in columns if "█" in column]
    hatched = [column.count("╱") for column in columns if "╱" in column]
    assert solid == sorted(solid)
    assert hatched == sorted(hatched)
    assert min(hatched) > min(solid)
    assert picture[1].lstrip().startswith("1┤")


def test_the_smallest_bar_is_seen() -> None:
    text = to_text(render(bars([-40.0, 0.0], [0.0, 0.0]), 40, 6, DARK))
    assert text.splitlines()[4].strip("│┤ ") != ""


def test_bars_mark_what_has_no_height() -> None:
    text = to_text(render(bars([-math.inf, math.inf, 0.0], [math.nan, -1.0, 0.0]), 40, 12, DARK))
    assert all(mark in text for mark in "▼▲×")


def test_histograms_show_both_shapes() -> None:
    a, b = [0.0] * 15, [0.0] * 15
    a[7], b[3] = 10, 20
    picture = lines(render(histogram(a, b), 15, 6, DARK))
    assert picture[0].startswith("L1")
    assert picture[-1] == "-4     0      4"
    assert [line[7] for line in picture[1:-1]] == ["█"] * 4
    assert all(_has_dots(line[2:5]) for line in picture[1:-1])


@pytest.mark.parametrize("width", range(1, 40))
def test_no_bin_is_lost_at_any_width(width: int) -> None:
    for index in range(15):
        counts = [0.0] * 15
        counts[index] = 3
        plot = "".join(lines(render(histogram(counts, [0.0] * 15), width, 6, DARK))[1:-1])
        assert set(plot) & set("█▌▐"), index


def test_an_empty_histogram_is_blank() -> None:
    picture = lines(render(histogram([0.0] * 15, [0.0] * 15), 15, 6, DARK))
    assert "".join(picture[1:-1]).strip() == ""


def test_a_band_whose_lower_end_is_zero_reaches_the_bottom() -> None:
    ends = (np.array([-math.inf, -math.inf]), np.array([-0.5, -0.5]))
    curve = Series("A", "a", np.array([0.0, 1.0]), np.array([-1.0, -0.9]), ends)
    rows = render(LineChart("t", "t", [curve], "x", ()), 40, 16, DARK)
    shaded = [any(style.bg == DARK.band_a for _, style in row) for row in rows[1:14]]
    assert all(shaded[1:])


def test_lengths_that_do_not_match_are_refused() -> None:
    one, two = np.zeros(1), np.zeros(2)
    for curve in (Series("A", "a", two, one), Series("A", "a", two, two, (one, one))):
        with pytest.raises(ValueError, match=r"length|shorter"):
            render(LineChart("t", "t", [curve], "x", ()), 40, 16, DARK)


@pytest.mark.parametrize("x", [math.nan, math.inf])
def test_an_x_that_is_not_finite_is_refused(x: float) -> None:
    curve = Series("A", "a", np.array([x, 1.0]), np.zeros(2))
    with pytest.raises(ValueError, match="must be finite"):
        render(LineChart("t", "t", [curve], "x", ()), 40, 16, DARK)

"""Heat maps: every size, legible without colour and in 256 colours, nothing lost."""

from __future__ import annotations

import colorsys
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import Color, ColorSystem

from tests.charts.samples import lines
from tui_initflow.charts.cells import Style, to_text
from tui_initflow.charts.description import HeatMap, Place, Role, ShareMap
from tui_initflow.charts.draw_heatmap import CELL_WIDTH, DECIMAL_FROM, SHADES, SHARE_SHADES, cells_that_fit, tiles
from tui_initflow.charts.palette import DARK, LIGHT, Palette, contrast
from tui_initflow.charts.render import render

log10s = st.one_of(
    st.none(), st.floats(-20, 20), st.sampled_from([-math.inf, math.inf, math.nan, 0.0, -0.0]), st.floats()
)


def chart(
    rows: list[list[float | None]],
    current: Place | None = None,
    cursor: Place | None = None,
    role: Role = "a",
) -> HeatMap:
    done = np.array([[value is not None for value in row] for row in rows])
    values = np.array([[math.nan if value is None else value for value in row] for row in rows])
    titles = ("Normal's gradient at L0", "Normal")
    x, y = [f"{2.0**power:g}" for power in range(len(rows[0]))], [f"{layers}" for layers in range(1, len(rows) + 1)]
    sides = ("vanishing", "exploding")
    return HeatMap(*titles, role, values, done, "Gain", x, "Layers", y, *sides, current, cursor)


SMALL: list[list[float | None]] = [[0.0, -0.4, 0.6], [-1.2, -3.0, 2.0], [-12.3, None, 40.0]]


def drawn_cells(drawn: HeatMap, width: int, palette: Palette = DARK) -> list[tuple[str, Style]]:
    """Text and style of the cells of a map of one row, each `width` characters."""
    count = len(drawn.x_labels)
    for margin in range(10):
        picture = render(drawn, margin + count * width, 1, palette)
        if lines(picture)[0].find("┤") + 1 == margin:
            break
    characters = [(char, style) for text, style in picture[0] for char in text][margin:]
    cells = [characters[start : start + width] for start in range(0, len(characters), width)]
    assert all(len({style for _, style in cell}) == 1 for cell in cells)
    return [("".join(char for char, _ in cell), cell[0][1]) for cell in cells]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_map_fills_any_size(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 26)), data.draw(st.integers(1, 26))
    pattern = data.draw(st.lists(log10s, min_size=1, max_size=7))
    cells = [[pattern[(row * columns + column) % len(pattern)] for column in range(columns)] for row in range(rows)]
    places = st.none() | st.tuples(st.integers(0, columns - 1), st.integers(0, rows - 1))
    drawn = chart(cells, data.draw(places), data.draw(places), data.draw(st.sampled_from(["b", "ratio"])))
    width, height = data.draw(st.integers(1, 200)), data.draw(st.integers(1, 60))
    unicode = data.draw(st.booleans())
    palette = data.draw(st.sampled_from([DARK, LIGHT]))
    picture = render(drawn, width, height, palette if unicode else palette.in_ascii)
    assert [len(line) for line in lines(picture)] == [width] * height
    assert unicode or to_text(picture).isascii()
    assert not set("▀▄") & set(to_text(picture))


def test_a_map_reads_in_monochrome() -> None:
    text = to_text(render(chart(SMALL, current=(0, 0), cursor=(1, 1)), 78, 10, DARK)).splitlines()
    assert text[0].split() == ["Normal", "vanishing", "-10", "-3", "-1", "0", "+1", "+3", "+10", "exploding"]
    assert re.fullmatch(r" *3┤ +-12\.3 +┈ +\+40\.0", text[2])
    assert re.fullmatch(r" *2┤ +-1\.2 +\[-3\.0\] +\+2\.0", text[4])
    assert re.fullmatch(r" *1┤ +●0\.0 +-0\.4 +\+0\.6", text[6])
    assert text[-2].split("└")[0].strip() == "Layers"
    assert text[-1].split() == ["Gain", "1", "2", "4"]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (DECIMAL_FROM, ["-12.3", "-0.4", "0.0", "+2.0", "-240.0", "-∞", "+∞", "nan", "┈"]),
        (CELL_WIDTH, ["-12", "0", "0", "+2", "-240", "-∞", "+∞", "nan", "┈"]),
        (3, ["-12", "0", "0", "+2", "-", "-∞", "+∞", "nan", "┈"]),
        (1, ["-", "0", "0", "+", "-", "▼", "▲", "×", "┈"]),
    ],
)
def test_cells_say_as_much_as_fits(width: int, expected: list[str]) -> None:
    row = [-12.3, -0.4, -0.0, 2.0, -240.0, -math.inf, math.inf, math.nan, None]
    assert [text.strip() for text, _ in drawn_cells(chart([row]), width)] == expected


@pytest.mark.parametrize("width", range(1, 13))
def test_current_and_cursor_are_marked_at_any_width(width: int) -> None:
    row: list[float | None] = [-2.0, -2.0, -2.0, -12.0]
    plain = [text for text, _ in drawn_cells(chart([row]), width)]
    marked = drawn_cells(chart([row], current=(0, 0), cursor=(2, 0)), width)
    assert [text == before for (text, _), before in zip(marked, plain, strict=True)] == [
        False,
        True,
        width < 4,
        True,
    ]
    assert marked[0][0].count("●") == 1
    assert marked[2][1] == Style(DARK.background, DARK.text, bold=True)
    if width > 3:
        assert marked[2][0].strip() == ("[-2.0]" if width >= DECIMAL_FROM else "[-2]")


def test_the_cursor_on_the_current_cell_shows_both() -> None:
    texts = [text for text, _ in drawn_cells(chart([[-2.0, 1.0]], current=(0, 0), cursor=(0, 0)), 6)]
    assert texts == ["[●-2] ", "  +1  "]


def test_marked_cells_stay_where_not_all_fit() -> None:
    rows: list[list[float | None]] = [[float(-row)] * 26 for row in range(26)]
    for place in ((1, 1), (7, 24), (25, 0)):
        text = to_text(render(chart(rows, current=place), 14, 8, DARK))
        assert text.count("●") == 1


def test_one_tile_keeps_the_first_that_is_asked_for() -> None:
    assert tiles(2, 1, [1, 0]).indices == (1,)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_tiles_are_of_one_size_and_keep_what_is_asked_for(count: int, room: int, data: st.DataObject) -> None:
    keep = data.draw(st.lists(st.integers(0, count - 1), max_size=2, unique=True))
    found = tiles(count, room, keep)
    assert list(found.indices) == sorted(set(found.indices))
    assert len(found.indices) == min(count, room)
    assert set(keep[: len(found.indices)]) <= set(found.indices) <= set(range(count))
    assert room - found.length < max(found.size, len(found.indices))
    for number, (start, _) in enumerate(found.starts()):
        assert found.middles.cell(number) == start + (found.size - 1) // 2


@given(st.integers(1, 250), st.integers(1, 80))
def test_a_map_made_for_a_size_fills_it(width: int, height: int) -> None:
    columns, rows = cells_that_fit(width, height, 24)
    assert 1 <= columns <= 24
    assert 1 <= rows <= 24
    if width >= 48 and height >= 10:
        cells: list[list[float | None]] = [[-9.0] * columns for _ in range(rows)]
        picture = render(chart(cells), width, height, DARK)
        filled = [sum(len(text) for text, style in row if style.bg) for row in picture[1:]]
        assert max(filled) >= 0.8 * width - 8
        assert sum(count > 0 for count in filled) >= 0.66 * (height - 3)


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("role", ["a", "ratio"])
def test_colours_grow_away_from_zero_and_leave_numbers_legible(palette: Palette, role: Role) -> None:
    steps = [0.0, *(limit for limit, _ in SHADES)]
    row: list[float | None] = [*(-step for step in reversed(steps)), *steps]
    styles = [style for _, style in drawn_cells(chart([row], role=role), 5, palette)]
    backgrounds = [str(style.bg) for style in styles]
    assert backgrounds[len(steps) - 1] == backgrounds[len(steps)] == palette.background
    for side in (backgrounds[len(steps) - 1 :: -1], backgrounds[len(steps) :]):
        away = [contrast(colour, palette.background) for colour in side]
        assert away == sorted(away)
        assert len(set(side)) == len(steps)
    assert all(contrast(str(style.fg), str(style.bg)) >= 3.0 for style in styles)
    assert sum(contrast(str(style.fg), str(style.bg)) >= 4.5 for style in styles) >= len(styles) - 4


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("role", ["a", "ratio"])
def test_256_colours_keep_the_hues_of_both_sides(palette: Palette, role: Role) -> None:
    limits = [limit for limit, _ in SHADES]
    for sign in (-1, 1):
        row: list[float | None] = [sign * limit for limit in limits]
        styles = [style for _, style in drawn_cells(chart([row], role=role), 5, palette)]
        full = _hue(styles[-1].bg)
        shown = [Color.parse(str(style.bg)).downgrade(ColorSystem.EIGHT_BIT).get_truecolor() for style in styles]
        assert len(set(shown)) >= 3
        for colour in shown:
            # the weakest may be grey, none may have another hue
            if max(colour) - min(colour) >= 20:
                apart = abs(_hue(colour.hex) - full)
                assert min(apart, 1 - apart) * 360 < 35


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_256_colours_keep_the_hue_of_shares(palette: Palette) -> None:
    row = [0.1 + 0.9 * limit for limit, _ in SHARE_SHADES]
    backgrounds = [str(style.bg) for _, style in drawn_cells(shares([row], []), 5, palette)]
    shown = [Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor() for colour in backgrounds]
    assert len(set(shown)) >= 3
    for colour in shown:
        assert colour.green == max(colour)


def test_there_is_room_for_the_scale_before_the_title() -> None:
    for width, values in ((78, 7), (44, 7), (34, 5), (24, 3), (15, 0)):
        title = lines(render(chart(SMALL), width, 10, DARK))[0]
        assert len(re.findall(r"[-+]\d+|\b0\b", title)) == values
        assert title.startswith("Normal")


def _hue(colour: str | None) -> float:
    assert colour is not None
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return colorsys.rgb_to_hls(red, green, blue)[0]


def shares(values: list[list[float]], line: list[float]) -> ShareMap:
    x, y = [f"{column}" for column in range(len(values[0]))], [f"{row}" for row in range(len(values))]
    done, axes = np.ones(np.shape(values), np.bool_), ("Gain", x, "Layers", y)
    return ShareMap(
        "Test accuracy", "Accuracy", "a", np.array(values), done, *axes, "", "", line=line, line_name="6 ξ", least=0.1
    )


def test_shares_are_percentages_coloured_from_the_least_one_on() -> None:
    cells = drawn_cells(shares([[0.05, 0.1, 0.3, 0.7, 0.976, 1.0]], []), CELL_WIDTH)
    assert [text.strip() for text, _ in cells] == ["5", "10", "30", "70", "98", "100"]
    backgrounds = [style.bg for _, style in cells]
    assert backgrounds[0] == backgrounds[1] == DARK.background
    assert len(set(backgrounds)) == 4
    for _, style in cells:
        assert style.fg is not None
        assert style.bg is not None
        assert contrast(style.fg, style.bg) >= 4.5


def test_a_line_goes_over_the_cells_and_leaves_their_numbers() -> None:
    drawn = shares([[0.5] * 4 for _ in range(5)], [0.0, 1.6, math.nan, 40.0])
    picture = lines(render(drawn, 2 + 4 * 9, 1 + 5 * 3 + 2, DARK))
    assert "━━ 6 ξ" in picture[0]
    row_of = {row: picture[1 + (4 - row) * 3 : 1 + (5 - row) * 3] for row in range(5)}
    # the middle of the lowest cell, around its number; a tenth above the edge of the next but one
    assert row_of[0][1].count("━") == 9 - len("50")
    assert "50" in row_of[0][1]
    assert row_of[2][2].count("━") == 9
    assert sum(line.count("━") for line in picture[1:]) == 9 - 2 + 9


def test_a_line_is_left_out_where_rows_are() -> None:
    drawn = shares([[0.5]] * 30, [4.0])
    assert "━" not in "".join(lines(render(drawn, 30, 12, DARK))[1:])

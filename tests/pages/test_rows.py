"""Rows fill their width exactly, whatever characters a name is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_initflow.charts.cells import PLAIN, Row, Style
from tui_initflow.pages.rows import beside, blank, cells, centre, fit, paragraph, shortened, spread, width_of

BOLD = Style(None, None, bold=True)
PIECES = (
    "plain",
    "数据集",
    "한국어",
    "ｗｉｄｅ",
    "e\u0301",
    "नमस्ते",
    "🎉",
    "❤\ufe0f",
    "👩\u200d👩\u200d👧",
    "👍🏽",
    "🇩🇪",
    "\u200b",
    "\u202e",
    "\x1b[31m",
    "\t",
)
"""Wide, combining, joined, modified, invisible and control characters."""
texts = st.lists(st.sampled_from(PIECES) | st.text(st.characters(min_codepoint=32, max_codepoint=126)), max_size=6).map(
    "".join
)


def characters(row: Row) -> str:
    return "".join(text for text, _ in row)


@given(st.lists(texts, max_size=5), st.integers(0, 60))
def test_rows_fill_the_width_exactly(parts: list[str], width: int) -> None:
    runs = [(part, PLAIN) for part in parts]
    for row in (fit(runs, width), centre(runs, width), spread(runs, runs, width)):
        assert width_of(row) == width
        # the screen measures as the pages do, and no terminal merges or obeys what is in a name
        assert cell_len(characters(row)) == width
        assert characters(row).isprintable()


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("数据集", 6, "数据集"),
        ("数据集", 5, "数据…"),
        ("数据集", 4, "数… "),
        ("数据集", 1, "…"),
        ("数据集", 0, ""),
        ("re\u0301sume\u0301", 6, "re\u0301sume\u0301"),
        ("re\u0301sume\u0301", 3, "re\u0301…"),
        ("👩\u200d👧 x", 4, "👩… "),
        ("👩\u200d👧 x", 6, "👩👧 x"),
    ],
)
def test_no_character_is_cut_in_half(text: str, width: int, cut: str) -> None:
    assert characters(fit([(text, PLAIN)], width)) == cut


@pytest.mark.parametrize(
    ("width", "short"),
    [
        (21, "encoder.layers.12.fc1"),
        (16, "e.layers.12.fc1"),
        (14, "e.l.12.fc1"),
        (9, "…l.12.fc1"),
        (1, "…"),
        (0, ""),
    ],
)
def test_a_short_name_keeps_what_tells_it_from_others(width: int, short: str) -> None:
    assert shortened("encoder.layers.12.fc1", width) == short
    assert shortened("L10", max(width, 3)) == "L10"


@given(texts, st.integers(0, 30))
def test_a_short_name_fits(name: str, width: int) -> None:
    assert cells(shortened(name, width)) <= width


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    assert fit([("abc", PLAIN), ("defg", BOLD)], 5) == (("abc", PLAIN), ("d…", BOLD))


def test_the_right_side_goes_where_both_do_not_fit() -> None:
    assert characters(spread([("left", PLAIN)], [("right", PLAIN)], 9)) == "left     "
    assert characters(spread([("left", PLAIN)], [("right", PLAIN)], 10)) == "left right"


def test_a_paragraph_hangs_under_its_start_and_keeps_names_whole() -> None:
    assert [characters(row) for row in paragraph("one two three", 9, hanging="- ")] == ["- one two", "  three  "]
    assert [characters(row) for row in paragraph("with He-normal", 9)] == ["with     ", "He-normal"]


def test_beside_pads_the_shorter_picture() -> None:
    picture = beside((blank(3, 2), blank(4, 1), blank(2, 1)), (3, 4, 2), 1)
    assert [width_of(row) for row in picture] == [11, 11]

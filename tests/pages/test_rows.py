from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.charts.cells import Style
from tui_initflow.pages.rows import PLAIN, beside, blank, centre, fit, paragraph, spread, width_of

BOLD = Style(None, None, bold=True)
texts = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30)


@given(st.lists(texts, max_size=5), st.integers(0, 60))
def test_rows_fill_the_width_exactly(parts: list[str], width: int) -> None:
    runs = [(part, PLAIN) for part in parts]
    assert width_of(fit(runs, width)) == width
    assert width_of(centre(runs, width)) == width
    assert width_of(spread(runs, runs, width)) == width


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    assert fit([("abc", PLAIN), ("defg", BOLD)], 5) == (("abc", PLAIN), ("d…", BOLD))


def test_the_right_side_goes_where_both_do_not_fit() -> None:
    assert "".join(text for text, _ in spread([("left", PLAIN)], [("right", PLAIN)], 9)) == "left     "
    assert "".join(text for text, _ in spread([("left", PLAIN)], [("right", PLAIN)], 10)) == "left right"


def test_paragraph_hangs_under_its_start() -> None:
    rows = ["".join(text for text, _ in row) for row in paragraph("one two three", 9, hanging="- ")]
    assert rows == ["- one two", "  three  "]


def test_beside_pads_the_shorter_picture() -> None:
    picture = beside(blank(3, 2), blank(4, 1), 3, 4, 1)
    assert [width_of(row) for row in picture] == [8, 8]

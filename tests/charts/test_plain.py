import pytest

from tests.charts.samples import demo, spread
from tui_initflow.charts.cells import PLAIN, Style
from tui_initflow.charts.glyphs import ASCII, UNICODE, Glyphs
from tui_initflow.charts.gradient import gradient_chart
from tui_initflow.charts.palette import DARK
from tui_initflow.charts.plain import to_plain
from tui_initflow.charts.render import render


def test_bands_become_characters_behind_the_others() -> None:
    picture = (
        ((" ┈x", Style(None, DARK.band_a)), ("▀", Style(DARK.band_b, None)), (" ┈▀x ", PLAIN)),
        (("▄", Style(DARK.overlap, DARK.band_a)), (" ", Style(None, DARK.surface)), (".", PLAIN)),
    )
    assert to_plain(picture, DARK, UNICODE) == "░░x░ ┈ x\n░ ."


def test_a_chart_without_bands_has_no_shade() -> None:
    flat = spread([-2.0, -1.0, 0.0], 0.0)
    assert "░" not in to_plain(render(gradient_chart("A", flat, "B", flat), 60, 12, DARK), DARK, UNICODE)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_a_band_shows_without_colours(glyphs: Glyphs) -> None:
    picture = render(demo(), 70, 20, DARK, unicode=glyphs is UNICODE)
    text = to_plain(picture, DARK, glyphs)
    assert text.count(glyphs.shade) > 40
    assert not set("▀▄") & set(text)
    # it takes the place of nothing but blanks, grid and half cells
    for row, line in zip(picture, text.splitlines(), strict=True):
        before = "".join(run for run, _ in row)
        assert all(
            new == old or (new == glyphs.shade and old in f" {glyphs.grid}▀▄") or (new, old) == (" ", "▀")
            for new, old in zip(line, before, strict=False)
        )

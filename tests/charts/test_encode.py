"""Pictures as text, without colours and with 256 or more of them."""

import pytest

from tests.charts.samples import demo, gradient
from tui_initflow.charts.cells import PLAIN, Style, one_of_256, to_ansi, to_plain, to_text, true_colour
from tui_initflow.charts.palette import DARK, LIGHT, Palette
from tui_initflow.charts.render import render


def test_text_drops_blanks_at_line_ends() -> None:
    assert to_text(((("ab c  ", PLAIN),), (("  ", PLAIN), ("d", PLAIN)))) == "ab c\n  d"


def test_bands_become_characters_behind_the_others() -> None:
    picture = (
        ((" ┈x", Style(None, DARK.band_a)), ("▀", Style(DARK.band_b, None)), (" ┈▄x ", Style(DARK.a, None))),
        (("▄", Style(DARK.overlap, DARK.band_a)), (" ", Style(None, DARK.surface)), (".", PLAIN)),
    )
    assert to_plain(picture, DARK) == "░░x░ ┈▄x\n░ ."


def test_a_chart_without_bands_has_no_shade() -> None:
    flat = [-2.0, -1.0, 0.0]
    assert "░" not in to_plain(render(gradient(flat, flat, 0.0), 60, 12, DARK), DARK)


@pytest.mark.parametrize("palette", [DARK, DARK.in_ascii], ids=["unicode", "ascii"])
def test_a_band_shows_without_colours(palette: Palette) -> None:
    picture, glyphs = render(demo(), 70, 20, palette), palette.glyphs
    text = to_plain(picture, palette)
    assert text.count(glyphs.shade) > 40
    assert not set("▀▄") & set(text)
    # it takes the place of nothing but blanks, grid and half cells
    for row, line in zip(picture, text.splitlines(), strict=True):
        before = "".join(run for run, _ in row)
        assert all(
            new == old or (new == glyphs.shade and old in f" {glyphs.grid}▀▄")
            for new, old in zip(line, before, strict=False)
        )


def test_colours_are_set_and_the_line_ends_plain() -> None:
    picture = ((("x", Style("#ff0080", "#000102", bold=True)),), (("y", PLAIN),))
    first, second = to_ansi(picture, true_colour, "#030405").split("\n")
    assert first == "\x1b[0;1;38;2;255;0;128;48;2;0;1;2mx\x1b[0m"
    assert second == "\x1b[0;48;2;3;4;5my\x1b[0m"


@pytest.mark.parametrize(
    ("colour", "index"),
    [
        ("#000000", 16),
        ("#ffffff", 231),
        ("#ff0000", 196),
        ("#5f87af", 67),
        ("#080808", 232),
        ("#eeeeee", 255),
        ("#7f7f7f", 244),
        # nearer to a grey, but a colour
        ("#462626", 52),
    ],
)
def test_the_nearest_of_256_colours(colour: str, index: int) -> None:
    assert one_of_256(colour) == f"5;{index}"


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_both_methods_stay_apart_in_256_colours(palette: Palette) -> None:
    assert one_of_256(palette.a) != one_of_256(palette.b)
    bands = (palette.band_a, palette.band_b, palette.overlap, palette.background)
    assert len({one_of_256(colour) for colour in bands}) == 4

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.charts.palette import DARK, LIGHT, Palette, blend, contrast, palette_for, readable

channels = st.integers(0, 255)
colours = st.builds(lambda r, g, b: f"#{r:02x}{g:02x}{b:02x}", channels, channels, channels)


def test_the_demo_colours_on_dark() -> None:
    assert (DARK.a, DARK.b) == ("#ff6b6b", "#4ecdc4")


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("name", ["a", "b", "text", "muted", "accent", "good", "warn", "bad"])
def test_what_is_read_has_contrast(palette: Palette, name: str) -> None:
    assert contrast(getattr(palette, name), palette.background) >= 4.5


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_curves_stand_out_on_their_bands(palette: Palette) -> None:
    for curve, band in ((palette.a, palette.band_a), (palette.b, palette.band_b), (palette.b, palette.overlap)):
        assert contrast(curve, band) >= 2.9
    assert len({palette.band_a, palette.band_b, palette.overlap, palette.background}) == 4


@given(st.booleans(), colours, colours, colours)
def test_any_theme_gives_colours_to_draw_with(dark: bool, background: str, surface: str, text: str) -> None:
    palette = palette_for(dark, background, surface, text)
    *colours, _glyphs = astuple(palette)
    assert all(len(colour) == 7 and int(colour[1:], 16) >= 0 for colour in colours)
    assert palette.background == background


@pytest.mark.parametrize("strange", ["ansi_default", "", "#12", "red", "#ggffff", "auto 87%"])
def test_colours_in_other_forms_are_replaced(strange: str) -> None:
    assert contrast(palette_for(True, strange, strange, strange).a, "#121212") >= 4.5


def test_alpha_is_dropped() -> None:
    assert palette_for(True, "#10203040", "#000000", "#ffffff").background == "#102030"


def test_a_palette_is_made_once() -> None:
    assert palette_for(True, "#000000", "#111111", "#ffffff") is palette_for(True, "#000000", "#111111", "#ffffff")


@given(colours, colours)
def test_blend_reaches_both_ends(front: str, back: str) -> None:
    assert blend(front, back, 1.0) == front
    assert blend(front, back, 0.0) == back


@given(colours)
def test_a_colour_is_moved_only_as_far_as_needed(colour: str) -> None:
    moved = readable(colour, "#000000", "#ffffff")
    assert contrast(moved, "#000000") >= 4.5
    if contrast(colour, "#000000") >= 4.5:
        assert moved == colour


@given(colours)
def test_a_theme_may_ask_for_more_contrast(colour: str) -> None:
    moved = readable(colour, "#000000", "#ffffff", 7.0)
    assert contrast(moved, "#000000") >= 7.0
    if contrast(colour, "#000000") >= 7.0:
        assert moved == colour

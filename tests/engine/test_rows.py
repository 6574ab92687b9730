"""Rows: every weight has its own place in the stream, whatever the sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.engine import weights as module
from tui_initflow.engine.weights import TILE_WEIGHTS, Tile, cut

sides = st.integers(1, 40)


def cover(tiles: tuple[Tile, ...], shape: tuple[int, int]) -> bool:
    """Whether the tiles lie one after the other and end where the layer ends, with half a word lost at most."""
    row = word = 0
    for tile in tiles:
        assert (tile.first_row, tile.first_word) == (row, word)
        assert tile.shape[1] == shape[1]
        assert 0 <= 2 * tile.words - tile.shape[0] * tile.shape[1] <= 1
        row += tile.shape[0]
        word += tile.words
    return row == shape[0]


@given(st.tuples(sides, sides), st.sampled_from([1, 5, 12, 40, 1000]))
def test_tiles_lie_one_after_the_other(shape: tuple[int, int], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TILE_WEIGHTS", most)
        tiles = cut(shape)
    assert cover(tiles, shape)
    for tile in tiles:
        assert tile.shape[0] * tile.shape[1] <= max(most, shape[1])


def test_layers_of_the_demo_are_one_tile() -> None:
    for shape in ((50, 64), (50, 50)):
        assert cover(cut(shape), shape)
        assert len(cut(shape)) == 1


def test_largest_layers_are_cut_into_rows() -> None:
    for shape in ((2048, 65536), (2048, 2048)):
        assert cover(cut(shape), shape)
        assert max(2 * tile.words for tile in cut(shape)) <= TILE_WEIGHTS

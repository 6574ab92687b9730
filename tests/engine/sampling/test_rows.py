"""Rows: every weight has its own place in the stream, whatever the sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.engine.sampling import rows as module
from tui_initflow.engine.sampling.rows import BLOCK_WEIGHTS, RowBlock, cut

sides = st.integers(1, 40)


def cover(blocks: tuple[RowBlock, ...], shape: tuple[int, int]) -> bool:
    """Whether the blocks lie one after the other and end where the layer ends, with half a word lost at most."""
    row = word = 0
    for block in blocks:
        assert (block.first_row, block.first_word) == (row, word)
        assert block.shape[1] == shape[1]
        assert 0 <= 2 * block.words - block.shape[0] * block.shape[1] <= 1
        row += block.shape[0]
        word += block.words
    return row == shape[0]


@given(st.tuples(sides, sides), st.sampled_from([1, 5, 12, 40, 1000]))
def test_blocks_lie_one_after_the_other(shape: tuple[int, int], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_WEIGHTS", most)
        blocks = cut(shape)
    assert cover(blocks, shape)
    for block in blocks:
        assert block.shape[0] * block.shape[1] <= max(most, shape[1])


def test_layers_of_the_demo_are_one_block() -> None:
    for shape in ((50, 64), (50, 50)):
        assert cover(cut(shape), shape)
        assert len(cut(shape)) == 1


def test_largest_layers_are_cut_into_rows() -> None:
    for shape in ((2048, 65536), (2048, 2048)):
        assert cover(cut(shape), shape)
        assert max(2 * block.words for block in cut(shape)) <= BLOCK_WEIGHTS

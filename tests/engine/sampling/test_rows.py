"""Layout: every weight has its own place, whatever the sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.engine.sampling import rows as module
from tui_initflow.engine.sampling.rows import BLOCK_WEIGHTS, LayerBlocks, cut

sides = st.integers(1, 40)


def covered(shape: tuple[int, int], found: LayerBlocks) -> None:
    row = word = 0
    assert max(block.words for block in found.blocks) == found.words_of_block
    for block in found.blocks:
        assert (block.first_row, block.first_word) == (row, word)
        assert block.shape[1] == shape[1]
        assert 0 <= 2 * block.words - block.shape[0] * block.shape[1] <= 1
        row += block.shape[0]
        word += block.words
    assert (row, word) == (shape[0], found.words)


@given(st.tuples(sides, sides), st.sampled_from([1, 5, 12, 40, 1000]))
def test_blocks_lie_one_after_the_other(shape: tuple[int, int], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_WEIGHTS", most)
        found = cut(shape)
    covered(shape, found)
    for block in found.blocks:
        assert block.shape[0] * block.shape[1] <= max(most, shape[1])


def test_layers_of_the_demo_are_one_block() -> None:
    for shape in ((50, 64), (50, 50)):
        covered(shape, cut(shape))
        assert len(list(cut(shape).blocks)) == 1


def test_largest_layers_are_cut_into_rows() -> None:
    for shape in ((2048, 65536), (2048, 2048)):
        found = cut(shape)
        covered(shape, found)
        assert 2 * found.words_of_block <= BLOCK_WEIGHTS

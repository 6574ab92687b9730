"""Streams: random access, and nothing shared between seeds, slots and layers."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.model.limits import limits_of
from tui_initflow.engine.streams import JUMP, Slot, Stream
from tui_initflow.model.network import DRAWN_NEURONS

layers = st.integers(0, 1000)
places = st.integers(0, 2**44)


@given(st.lists(st.tuples(layers, places, st.integers(1, 9)), min_size=1, max_size=6))
def test_words_depend_on_their_place_alone(reads: list[tuple[int, int, int]]) -> None:
    stream = Stream(7, Slot.A)
    for layer, first, count in reads:
        fresh = Stream(7, Slot.A).words(layer, first, count)
        assert np.array_equal(stream.words(layer, first, count), fresh)


def test_a_part_is_the_part_of_the_whole() -> None:
    whole = Stream(7, Slot.X).words(3, 0, 100)
    assert np.array_equal(Stream(7, Slot.X).words(3, 40, 10), whole[40:50])


def test_seeds_slots_and_layers_share_nothing() -> None:
    places = itertools.product((0, 1, 2**63 - 1), Slot, (0, 1, 1000))
    streams = [Stream(seed, slot).words(layer, 0, 64) for seed, slot, layer in places]
    assert len(np.unique(np.concatenate(streams))) == 64 * len(streams)


def test_all_bits_of_neighbouring_layers_are_unrelated() -> None:
    first, second = (Stream(0, Slot.A).words(layer, 0, 4096) for layer in (0, 1))
    differing = np.unpackbits((first ^ second).view(np.uint8)).reshape(4096, 64).mean(axis=0)
    assert np.abs(differing - 0.5).max() < 5 * 0.5 / 64


def test_no_layer_comes_near_another_one() -> None:
    starts = np.sort(np.array([layer * JUMP % 2**128 for layer in range(limits_of("layers")[1] + 1)], object))
    gaps = np.append(np.diff(starts), starts[0] + 2**128 - starts[-1])
    assert min(gaps) > 2**115
    largest_layer = max(DRAWN_NEURONS * limits_of("features")[1], limits_of("neurons")[1])
    assert limits_of("runs")[1] * largest_layer < 2**44

"""Streams: random access, and nothing shared between seeds, slots and runs."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.engine.streams import JUMP, Slot, Stream

runs = st.integers(0, 100_000)
places = st.integers(0, 2**40)


@given(st.lists(st.tuples(runs, places, st.integers(1, 9)), min_size=1, max_size=6))
def test_words_depend_on_their_place_alone(reads: list[tuple[int, int, int]]) -> None:
    stream = Stream(7, Slot.A)
    for run, first, count in reads:
        fresh = Stream(7, Slot.A).words(run, first, count)
        assert np.array_equal(stream.words(run, first, count), fresh)


def test_a_part_is_the_part_of_the_whole() -> None:
    whole = Stream(7, Slot.X).words(3, 0, 100)
    assert np.array_equal(Stream(7, Slot.X).words(3, 40, 10), whole[40:50])


def test_seeds_slots_and_runs_share_nothing() -> None:
    places = itertools.product((0, 1, 2**63 - 1), Slot, (0, 1, 99_999))
    streams = [Stream(seed, slot).words(run, 0, 64) for seed, slot, run in places]
    assert len(np.unique(np.concatenate(streams))) == 64 * len(streams)


def test_all_bits_of_neighbouring_runs_are_unrelated() -> None:
    first, second = (Stream(0, Slot.A).words(run, 0, 4096) for run in (0, 1))
    differing = np.unpackbits((first ^ second).view(np.uint8)).reshape(4096, 64).mean(axis=0)
    assert np.abs(differing - 0.5).max() < 5 * 0.5 / 64


def test_no_two_runs_come_near_each_other() -> None:
    starts = np.sort(np.array([run * JUMP % 2**128 for run in range(100_001)], object))
    gaps = np.diff(starts)
    assert min(gaps) > 2**109

"""The results of the first runs as a file from which the others can go on, bit for bit.

It begins with `MAGIC` and a line of JSON, the head: the fingerprint of the numbers, and the settings. The arrays of
method a and of method b follow, with nothing between them, in the byte order of the machine, which is in the
fingerprint. Their types and shapes follow from the settings, and the size of the file is compared with them before any
memory is taken. The file ends with a digest of all that is before it.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import fields
from io import BufferedIOBase
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow import __version__
from tui_initflow.engine.fingerprint import Fingerprint, fingerprint
from tui_initflow.engine.gradient_elements import LOSS_SCALES, ElementCounts
from tui_initflow.engine.preactivations import HISTOGRAM_BINS, PreactivationStatistics, RunSums, Subtree, Sums
from tui_initflow.engine.results import MethodResult, Results, Statistics
from tui_initflow.engine.runs import BatchResult, Collected
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.number_formats import NUMBER_FORMATS
from tui_initflow.model.pair import SIDES, Pair
from tui_initflow.untrusted import brief

Arrays = Mapping[str, NDArray[Any]]

MAGIC = b"tui-initflow runs 1\n"
MOST_HEAD = 1 << 16
"""Bytes of the head, which a thousand widths make 8,000 long."""
PIECE = 1 << 20
"""Bytes that are read and digested together."""
GRADIENT = "log10_gradient"
COUNTS = ("count", "saturated_count", "histogram", "below", "above")
ELEMENTS = tuple(field.name for field in fields(ElementCounts) if field.name != "format")
LARGEST_LOG10, LARGEST_LOG2, LARGEST_SUM = 1e5, 1 << 20, 1e200
"""Beyond every gradient, exponent and sum: a layer changes a signal by less than 60 decades."""
MOST_OF_A_SETTING, MOST_OF_A_VERSION = 40, 20
"""Characters that an error repeats."""
REMEDY = "remove it to start over"


class Unusable(ValueError):
    """A file that cannot be gone on from. Its text is one line that says why, and what to do."""


def write_partial(results: Results, file: IO[bytes]) -> None:
    """Write the results, array by array."""
    experiment = results.experiment
    head = {
        "fingerprint": fingerprint(__version__),
        "settings": {name: of.of(experiment) for name, of in SETTINGS.items()},
    }
    digest = hashlib.blake2b()
    arrays = (_bytes(array) for method in results.methods for array in _arrays(method).values())
    parts: list[bytes | memoryview] = [MAGIC, json.dumps(head).encode() + b"\n", *arrays]
    for part in parts:
        digest.update(part)
        file.write(part)
    file.write(digest.digest())


def read_partial(file: BufferedIOBase, experiment: Experiment) -> Collected:
    """The runs in a file, as the first that are collected of the experiment.

    Raises:
        Unusable: it is broken, or its runs are not, to the last bit, the first of the experiment here.
        OSError: it cannot be read.
    """
    magic, head = file.readline(len(MAGIC)), file.readline(MOST_HEAD)
    if magic != MAGIC:
        raise Unusable(f"is not what this version keeps runs in; {REMEDY}")
    kept = _settings_of(head)
    _refuse_others(kept, experiment)
    begin, end = file.tell(), file.seek(0, os.SEEK_END)
    file.seek(begin)
    digest = hashlib.blake2b(magic + head)
    layout = _layout(kept)
    size = sum(np.dtype(dtype).itemsize * math.prod(shape) for dtype, shape in layout.values())
    if end - begin != len(SIDES) * size + digest.digest_size:
        raise _broken()
    collected = Collected(experiment)
    arrays = Pair.of(
        lambda side: {
            name: collected.room(side, kept.runs) if name == GRADIENT else np.empty(shape, dtype)
            for name, (dtype, shape) in layout.items()
        }
    )
    for of_method in arrays:
        for array in of_method.values():
            _fill(array, file, digest)
    if file.read() != digest.digest():
        raise _broken()
    collected.add(Pair.of(lambda side: _checked(arrays[side], kept, kept.methods[side].inputs)))
    return collected


def _settings_of(head: bytes) -> Experiment:
    """The experiment that the file has results of."""
    try:
        content = json.loads(head)
        of, settings = Fingerprint(*map(str, content["fingerprint"])), content["settings"]
        if of != fingerprint(__version__):
            there = Fingerprint(*(brief(part, MOST_OF_A_VERSION) for part in of))
            raise Unusable(f"has other numbers: {there} there, {fingerprint(__version__)} here; {REMEDY}")
        if settings.keys() != SETTINGS.keys():
            raise _broken()
        return Experiment(**settings)
    except Unusable:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _broken() from None


def _refuse_others(kept: Experiment, experiment: Experiment) -> None:
    """Refuse runs of other settings, and more of them than are asked for."""
    for name, setting in SETTINGS.items():
        was, is_ = setting.of(kept), setting.of(experiment)
        if name != "runs" and was != is_:
            before, now = (brief(setting.text(value), MOST_OF_A_SETTING) or "none" for value in (was, is_))
            raise Unusable(f"has runs with {setting.flag} {before}, not {now}; {REMEDY}")
    if kept.runs > experiment.runs:
        raise Unusable(f"has {kept.runs} runs already; --runs must be at least that")


def _layout(experiment: Experiment) -> dict[str, tuple[type[np.generic], tuple[int, ...]]]:
    """The types and shapes of a method's arrays, in their order."""
    layers, runs = experiment.layers, experiment.runs
    trees = len(_places(runs))
    layout: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
        GRADIENT: (np.float64, (runs, layers + 1)),
        **{name: (np.int64, (layers, HISTOGRAM_BINS) if name == "histogram" else (layers,)) for name in COUNTS},
        "values": (np.float64, (trees, 3, layers)),
        "exponents": (np.int32, (trees, layers)),
    }
    if experiment.format in NUMBER_FORMATS:
        lengths = dict.fromkeys(("flushed_by_scale", "overflowed_by_scale"), len(LOSS_SCALES))
        layout |= {name: (np.int64, (lengths.get(name, layers),)) for name in ELEMENTS}
    return layout


def _arrays(method: MethodResult) -> Arrays:
    """A method's arrays, laid out like `_layout`."""
    statistics, elements = method.preactivation, method.elements
    subtrees = statistics.sums.subtrees
    arrays = {
        GRADIENT: method.log10_gradient,
        **{name: getattr(statistics, name) for name in COUNTS},
        "values": np.stack([subtree.sums.values for subtree in subtrees]),
        "exponents": np.stack([subtree.sums.exponents for subtree in subtrees]),
    }
    if elements is not None:
        arrays |= {name: getattr(elements, name) for name in ELEMENTS}
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _places(runs: int) -> list[tuple[int, int]]:
    """Level and index of the subtrees that the first runs consist of: one for each bit of their number."""
    levels = (level for level in reversed(range(runs.bit_length())) if runs >> level & 1)
    return [(level, (runs >> level) - 1) for level in levels]


def _fill(array: NDArray[Any], file: BufferedIOBase, digest: hashlib.blake2b) -> None:
    data = _bytes(array)
    for first in range(0, len(data), PIECE):
        piece = data[first : first + PIECE]
        if file.readinto(piece) < len(piece):
            raise _broken()
        digest.update(piece)


def _bytes(array: NDArray[Any]) -> memoryview:
    return array.data.cast("B")


def _checked(arrays: Arrays, experiment: Experiment, inputs: int) -> BatchResult:
    """A method's results, unless they are impossible: whoever wrote the file could digest anything."""
    gradient, values, exponents = (arrays[name] for name in (GRADIENT, "values", "exponents"))
    count, saturated, histogram, below, above = (arrays[name] for name in COUNTS)
    is_gradient = (gradient <= LARGEST_LOG10) & ((gradient >= -LARGEST_LOG10) | np.isneginf(gradient))
    parts = np.concatenate([histogram, below[:, None], above[:, None]], axis=1)
    checks = (
        is_gradient.all(),
        (count == np.multiply(experiment.network.widths, inputs * experiment.runs)).all(),
        _are_parts(saturated, count),
        _are_parts(parts.T, count),
        (parts.sum(axis=1) == count).all(),
        (np.abs(values) <= LARGEST_SUM).all(),
        (values[:, ::2] >= 0).all(),
        (np.abs(exponents.astype(np.int64)) <= LARGEST_LOG2).all(),
    )
    if not all(checks):
        raise _broken()
    sums = Sums(values, exponents)
    places = enumerate(_places(experiment.runs))
    subtrees = tuple(Subtree(level, index, sums[tree]) for tree, (level, index) in places)
    statistics = PreactivationStatistics(count, saturated, histogram, below, above, RunSums(subtrees))
    return BatchResult(gradient, Statistics(statistics, _elements(arrays, experiment, count)))


def _elements(arrays: Arrays, experiment: Experiment, count: NDArray[np.int64]) -> ElementCounts | None:
    if experiment.format not in NUMBER_FORMATS:
        return None
    elements = ElementCounts(NUMBER_FORMATS[experiment.format], *(arrays[name] for name in ELEMENTS))
    lost = np.stack([elements.flushed, elements.subnormal, elements.overflowed])
    checks = (
        _are_parts(elements.nonzero, count),
        _are_parts(lost, elements.nonzero),
        (lost.sum(axis=0) <= elements.nonzero).all(),
        _are_parts(elements.flushed_by_scale, elements.nonzero.sum()),
        _are_parts(elements.overflowed_by_scale, elements.nonzero.sum()),
    )
    if not all(checks):
        raise _broken()
    return elements


def _are_parts(some: NDArray[np.int64], of: NDArray[np.int64]) -> bool:
    return bool(((some >= 0) & (some <= of)).all())


def _broken() -> Unusable:
    return Unusable(f"is broken; {REMEDY}")

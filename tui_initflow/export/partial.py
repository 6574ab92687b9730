"""The results of a part of the runs as a file from which the others can go on, bit for bit.

A .npz: settings and version as JSON, then the arrays of both methods. No pickle, so that a file is safe to read.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import fields
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from tui_initflow import __version__
from tui_initflow.engine.gradient_elements import LOSS_SCALES, ElementCounts
from tui_initflow.engine.preactivations import HISTOGRAM_BINS, PreactivationStatistics
from tui_initflow.engine.results import MethodResult, Results, Statistics
from tui_initflow.engine.run_sums import RunSums, Subtree, Sums
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.number_formats import NUMBER_FORMATS
from tui_initflow.model.pair import SIDES, Side

Arrays = Mapping[str, NDArray[Any]]

HEAD = "head"
COUNTS = ("count", "saturated_count", "histogram", "below", "above")
ELEMENTS = tuple(field.name for field in fields(ElementCounts) if field.name != "format")


class Unusable(ValueError):
    """A file that cannot be gone on from. Its text says what is wrong with it, in a few words."""


def write_partial(results: Results, file: IO[bytes]) -> None:
    """Write the results, array by array."""
    settings = {name: getattr(results.experiment, name) for name in SETTINGS}
    head = json.dumps({"version": __version__, "settings": settings}).encode()
    arrays: dict[str, NDArray[Any]] = {HEAD: np.frombuffer(head, np.uint8)}
    for side in SIDES:
        arrays |= {f"{side}.{name}": array for name, array in _arrays(results.methods[side]).items()}
    np.savez(file, allow_pickle=False, **arrays)


def read_partial(file: IO[bytes]) -> Results:
    """The results in a file.

    Raises:
        Unusable: it is broken, or of another version of this program.
        OSError: it cannot be read.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            head = json.loads(arrays[HEAD].tobytes())
            if head["version"] != __version__ or head["settings"].keys() != SETTINGS.keys():
                raise Unusable(f"is of version {head['version']!s:.20}, not {__version__}")
            experiment = Experiment(**head["settings"])
            return Results(experiment, _method(arrays, experiment, "a"), _method(arrays, experiment, "b"))
    except Unusable:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error):
        raise Unusable("is broken") from None


def _arrays(method: MethodResult) -> dict[str, NDArray[Any]]:
    statistics, elements = method.preactivation, method.elements
    subtrees = statistics.sums.subtrees
    arrays: dict[str, NDArray[Any]] = {
        "log10_gradient": method.log10_gradient,
        **{name: getattr(statistics, name) for name in COUNTS},
        "level": np.array([subtree.level for subtree in subtrees]),
        "index": np.array([subtree.index for subtree in subtrees]),
        "values": np.stack([subtree.sums.values for subtree in subtrees]),
        "exponents": np.stack([subtree.sums.exponents for subtree in subtrees]),
    }
    return arrays if elements is None else {**arrays, **{name: getattr(elements, name) for name in ELEMENTS}}


def _method(arrays: Arrays, experiment: Experiment, side: Side) -> MethodResult:
    """One method's results, every array of the shape and type that it was written with."""
    layers, runs = experiment.layers, experiment.runs

    def array(name: str, dtype: type[np.generic], *shape: int) -> NDArray[Any]:
        found = arrays[f"{side}.{name}"]
        if found.dtype != dtype or found.shape != shape:
            raise Unusable("is broken")
        found.flags.writeable = False
        return found

    count, saturated, histogram, below, above = (
        array(name, np.int64, layers, *([HISTOGRAM_BINS] if name == "histogram" else [])) for name in COUNTS
    )
    log10_gradient = array("log10_gradient", np.float64, runs, layers + 1)
    trees = len(arrays[f"{side}.level"])
    places = (array(name, np.int64, trees).tolist() for name in ("level", "index"))
    sums = Sums(array("values", np.float64, trees, 3, layers), array("exponents", np.int32, trees, layers))
    subtrees = tuple(Subtree(level, index, sums[tree]) for tree, (level, index) in enumerate(zip(*places, strict=True)))
    if sum(1 << subtree.level for subtree in subtrees) != runs:
        raise Unusable("is broken")
    elements = None
    if experiment.format in NUMBER_FORMATS:
        counts = (array(name, np.int64, len(LOSS_SCALES) if name == "lost_by_scale" else layers) for name in ELEMENTS)
        elements = ElementCounts(NUMBER_FORMATS[experiment.format], *counts)
    statistics = PreactivationStatistics(count, saturated, histogram, below, above, RunSums(subtrees))
    return MethodResult(experiment.methods[side].initialiser.name, log10_gradient, Statistics(statistics, elements))

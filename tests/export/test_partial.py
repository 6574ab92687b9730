"""A file to go on from: everything comes back to the last bit, and a broken file is told from a good one."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest

from tests.export.conftest import EXPERIMENT
from tui_initflow import __version__
from tui_initflow.engine.results import Results
from tui_initflow.engine.runs import simulate
from tui_initflow.export.data import to_json
from tui_initflow.export.partial import Unusable, read_partial, write_partial
from tui_initflow.model.experiment import Experiment

VARIED = Experiment(
    widths=(6, 9, 9), a="normal:2/fan_in", gain_b=0.1, branch_scale_b="1/L", block_b="residual", format="fp16", runs=7
)
VANISHING = Experiment(layers=200, neurons=2, features=2, gain_a=1e-3, gain_b=1e3, activation="relu", runs=3)


def written(results: Results) -> bytes:
    file = io.BytesIO()
    write_partial(results, file)
    return file.getvalue()


@pytest.mark.parametrize("experiment", [EXPERIMENT, VARIED, VANISHING], ids=["default", "varied", "vanishing"])
def test_what_is_read_goes_on_as_what_was_written(experiment: Experiment) -> None:
    first = experiment.with_(runs=2)
    results = simulate(first)
    read = read_partial(io.BytesIO(written(results)))
    assert read.experiment == first
    assert written(read) == written(results)
    whole = simulate(experiment)
    for earlier in (results, read):
        resumed = simulate(experiment, earlier=earlier)
        assert written(resumed) == written(whole)
        assert to_json(resumed) == to_json(whole)


def test_nothing_is_left_to_do_after_all_runs() -> None:
    results = simulate(EXPERIMENT)
    assert written(simulate(EXPERIMENT, earlier=results)) == written(results)


def test_only_fewer_runs_of_the_same_settings_are_gone_on_with() -> None:
    results = simulate(EXPERIMENT)
    for other in (EXPERIMENT.with_(seed=4), EXPERIMENT.with_(runs=24)):
        with pytest.raises(ValueError, match="only fewer runs of the same settings"):
            simulate(other, earlier=results)


def test_a_file_that_is_cut_or_changed_is_broken() -> None:
    whole = written(simulate(EXPERIMENT))
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for content in (b"", b"{}", whole[:100], whole[:-40], bytes(flipped)):
        with pytest.raises(Unusable, match=r"^is broken$"):
            read_partial(io.BytesIO(content))


def changed(**arrays: Any) -> io.BytesIO:
    """A file with other arrays; None leaves one out."""
    file = io.BytesIO()
    with np.load(io.BytesIO(written(simulate(EXPERIMENT)))) as before:
        names = {name.replace(".", "_"): name for name in before.files}
        content = {name: before[name] for name in before.files} | {names[key]: array for key, array in arrays.items()}
    np.savez(file, **{name: array for name, array in content.items() if array is not None})
    file.seek(0)
    return file


@pytest.mark.parametrize(
    "arrays",
    [
        {"a_histogram": None},
        {"b_log10_gradient": np.zeros((25, 4))},
        {"b_log10_gradient": np.zeros((25, 5), np.float32)},
        {"a_level": np.zeros(3, np.int64)},
        {"head": np.frombuffer(json.dumps({"version": __version__, "settings": []}).encode(), np.uint8)},
        {"head": np.frombuffer(b"[]", np.uint8)},
    ],
    ids=["missing", "shape", "type", "sums", "settings", "head"],
)
def test_arrays_that_do_not_fit_are_broken(arrays: dict[str, Any]) -> None:
    with pytest.raises(Unusable, match=r"^is broken$"):
        read_partial(changed(**arrays))


def test_another_version_is_told() -> None:
    head = json.dumps({"version": "0.0.9", "settings": {}}).encode()
    with pytest.raises(Unusable, match=r"^is of version 0\.0\.9, not "):
        read_partial(changed(head=np.frombuffer(head, np.uint8)))

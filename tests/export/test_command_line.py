"""The command that gives the same experiment again."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from tests.model.limits import limits_of
from tui_initflow.cli.options import experiment_of, parsers
from tui_initflow.export.command_line import command_line
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INITIALISERS

NAMES = st.sampled_from([*INITIALISERS, "normal:2/fan_in", "truncated-normal:std=0.02"])
RUNS = st.integers(1, 1000)
WHOLE = {name: st.integers(*limits_of(name)) for name in ("layers", "neurons", "seed")}
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        **WHOLE,
        "features": st.integers(1, 2000),
        "widths": st.lists(st.integers(1, 2048), min_size=2, max_size=30).map(tuple),
        "activation": st.sampled_from(list(ACTIVATIONS)),
        "start": st.sampled_from(("ones", "signs")),
        "a": NAMES,
        "b": NAMES,
        **{name: st.floats(*limits_of(name)) for name in ("gain_a", "gain_b", "sigma_b")},
        "runs": RUNS,
    },
)


@given(SETTINGS)
def test_what_it_prints_is_read_as_the_same_experiment(settings: dict[str, object]) -> None:
    experiment = Experiment(**settings)  # type: ignore[arg-type]
    program, *words = shlex.split(command_line(experiment))
    assert program == "tui-initflow"
    assert experiment_of(parsers().app.parse_args(words)) == experiment
    _, *words = shlex.split(command_line(experiment, "run"))
    assert experiment_of(parsers().app.parse_args(words)) == experiment


def test_it_says_no_more_than_it_has_to() -> None:
    assert command_line(Experiment(runs=20)) == "tui-initflow --runs 20"
    custom = Experiment(widths=(784, 512, 512, 10), a="he-normal", gain_b=1.5, runs=5, seed=7)
    expected = "tui-initflow run --widths 784-512x2-10 --a he-normal --gain-b 1.5 --runs 5 --seed 7"
    assert command_line(custom, "run") == expected

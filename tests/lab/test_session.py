"""The state of the app, without an app: what changes, what is dropped, what is shown and what is kept."""

from __future__ import annotations

import shlex

import pytest

from tui_initflow.cli.commands import parsers
from tui_initflow.cli.settings import experiment_of
from tui_initflow.engine.results import Results
from tui_initflow.engine.runs import simulate
from tui_initflow.engine.sweep import sweep
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.findings.summary import Summary, summarise
from tui_initflow.lab.session import Session
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.presets import PRESETS
from tui_initflow.theory.outlook import theory_of

SMALL = Experiment(layers=3, neurons=6, features=5, runs=4, seed=2)


def simulated(session: Session, runs: int) -> tuple[Results, Summary]:
    """More runs, as a worker would add them."""
    results = simulate(session.more_runs(runs), earlier=session.results)
    return results, summarise(results)


def full() -> Session:
    """A session that has everything."""
    session = Session(SMALL)
    session.take_results(*simulated(session, 2))
    session.sweeps["layers"] = sweep(SMALL, "layers", [1, 2])
    session.theory = theory_of(session.experiment, TRAINABLE)
    return session


def test_a_session_starts_with_one_run_and_remembers_many() -> None:
    session = Session(SMALL)
    assert (session.experiment.runs, session.many, session.batch) == (1, 4, 1)
    assert (session.results, session.summary, session.theory, session.sweeps) == (None, None, None, {})


def test_runs_add_up() -> None:
    session = Session(SMALL)
    assert session.take_results(*simulated(session, 2)) == 2
    assert session.take_results(*simulated(session, 3)) == 3
    assert session.results is not None
    assert session.results.runs == 5
    assert session.summary is not None
    assert session.summary.runs == 5
    assert session.batch == 3


def test_other_settings_drop_what_belonged_to_the_old_ones() -> None:
    session = full()
    assert session.change(SMALL.with_(layers=4))
    assert (session.results, session.summary, session.theory, session.sweeps) == (None, None, None, {})
    assert session.experiment == SMALL.with_(layers=4, runs=1)


def test_the_same_settings_drop_nothing() -> None:
    session = full()
    # the number of runs is not a setting of the network
    assert not session.change(SMALL.with_(runs=99))
    assert session.results is not None
    assert session.sweeps


def test_theory_is_shown_where_it_is_wanted_and_known() -> None:
    session = full()
    assert session.summary is not None
    assert session.summary.theory is None
    session.theory_wanted = True
    assert session.summary.theory is session.theory
    assert not session.theory_missing
    session.change(SMALL.with_(seed=3))
    assert session.theory_missing


def test_progress_is_shown_before_the_runs_are_kept() -> None:
    session = Session(SMALL)
    _, summary = simulated(session, 2)
    session.take_progress(summary)
    assert session.summary == summary
    assert session.results is None


def test_a_list_of_widths_leaves_one_setting_to_sweep() -> None:
    assert Session(SMALL).swept == ("layers", "neurons", "features")
    assert Session(SMALL.with_(widths=(5, 4, 3))).swept == ("features",)


def test_matching_the_variance_goes_back_to_the_demo() -> None:
    session = Session(SMALL)
    assert PRESETS["matched"].is_shown_by(session.matched())
    session.change(session.matched())
    assert session.matched() == Session(SMALL).experiment


def test_the_command_gives_the_same_experiment() -> None:
    session = full()
    words = shlex.split(session.command())[1:]
    assert experiment_of(vars(parsers()[None].parse_args(words))) == SMALL.with_(runs=2)
    assert "--runs 4" in Session(SMALL).command()


def test_the_pytorch_module_is_the_focused_method_s_with_the_advised_gain_if_theory_is_shown() -> None:
    session = full()
    assert "torch.nn.init.xavier_uniform_(w, gain=0.5774)" in session.pytorch()
    session.focused = "b"
    assert "torch.nn.init.xavier_normal_(w, gain=1)" in session.pytorch()
    session.focused = "a"
    session.theory_wanted = True
    assert "torch.nn.init.xavier_uniform_(w, gain=1)" in session.pytorch()


@pytest.mark.parametrize("theory", [True, False])
def test_what_is_kept_for_the_next_start(theory: bool) -> None:
    last = Session(SMALL, theory=theory).to_keep("light")
    assert (last.experiment, last.theme, last.theory) == (SMALL, "light", theory)


def test_the_number_formats_are_gone_through_in_turn() -> None:
    session, seen = Session(SMALL), []
    for _ in range(7):
        session.change(session.in_next_format())
        seen.append(session.experiment.format)
    assert seen == ["fp32", "fp16", "bf16", "fp8-e4m3", "fp8-e5m2", "none", "fp32"]

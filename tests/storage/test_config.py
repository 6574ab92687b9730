"""Presets and the last session: what is saved comes back, what is broken is told and left alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.model.experiment import Experiment
from tui_initflow.storage.config import PRESETS, SESSION, Config, ConfigError, LastSession

UNUSUAL = Experiment(
    widths=(12, 9, 9, 4),
    activation="gelu",
    a="normal:2/fan_in",
    gain_b=1.25,
    sigma_b=0.1,
    start="signs",
    seed=2**63 - 1,
)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path / "made" / "when needed")


@pytest.mark.parametrize("experiment", [Experiment(runs=20), UNUSUAL])
def test_a_session_comes_back(config: Config, experiment: Experiment) -> None:
    assert config.last_session() is None
    session = LastSession(experiment, "light", theory=True)
    config.save_session(session)
    assert config.last_session() == session
    config.save_session(LastSession(Experiment()))
    assert config.last_session() == LastSession(Experiment())


@given(st.lists(st.text(max_size=40), unique=True, max_size=5))
def test_presets_of_any_name_come_back(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    config = Config(tmp_path_factory.mktemp("config"))
    for seed, name in enumerate(names):
        config.save_preset(name, Experiment(seed=seed))
    assert config.presets() == {name: Experiment(seed=seed) for seed, name in enumerate(names)}
    for name in names[:1]:
        config.delete_preset(name)
    assert list(config.presets()) == names[1:]


@pytest.mark.parametrize(
    "content",
    [
        b"layers = ",
        b"\xff\xfe\x00",
        b"[experiment]\nlayers = 0",
        b"[experiment]\nlayers = 1e300",
        b"[experiment]\nlayers = true",
        b"[experiment]\nlayers = '[bold]x[/]'",
        b"[experiment]\na = ['uniform']",
        b"[experiment]\na = 'nope'",
        b"[experiment]\nwidths = [1]",
        b"[experiment]\nwidths = 5",
        b"[experiment]\nwidths = {}",
        b"[experiment]\n__class__ = 1",
        b"experiment = 5",
        b"theme = 'blue'",
        b"theory = 'yes'",
        b"a = " + b"[" * 10_000,
        b"x" * 300_000,
    ],
)
def test_a_broken_session_is_told_in_one_line_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / SESSION
    path.write_bytes(content)
    config = Config(tmp_path)
    with pytest.raises(ConfigError) as told:
        config.last_session()
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < len(str(path)) + 300
    with pytest.raises(ConfigError):
        config.save_session(LastSession(Experiment()))
    assert path.read_bytes() == content


def test_broken_presets_are_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / PRESETS
    path.write_text("[mine]\nlayers = 5000\n")
    config = Config(tmp_path)
    for change in (
        config.presets,
        lambda: config.save_preset("x", Experiment()),
        lambda: config.delete_preset("x"),
    ):
        with pytest.raises(ConfigError, match="1 to 1000"):
            change()
    assert path.read_text() == "[mine]\nlayers = 5000\n"


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ConfigError, match="file"):
        Config(blocked / "below").save_session(LastSession(Experiment()))
    assert blocked.read_text() == ""


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    config = Config(tmp_path)
    config.save_session(LastSession(Experiment()))
    config.save_preset("x", Experiment())
    assert sorted(os.listdir(tmp_path)) == [PRESETS, SESSION]

"""Presets and the last session: what is saved comes back; a file that is not understood is reported and left alone."""

from __future__ import annotations

import os
import random
from contextlib import suppress
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.export.experiments import EXPERIMENTS
from tui_initflow.model.experiment import Experiment
from tui_initflow.storage import config as of_config
from tui_initflow.storage.config import KEYS, PRESETS, SESSION, Config, ConfigError, LastSession, Theme


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path / "made" / "when needed")


def problem(config: Config, file: str) -> str:
    """What is wrong with a file, after its path: one short line."""
    with pytest.raises(ConfigError) as caught:
        config.last_session() if file == SESSION else config.presets()
    path, _, text = str(caught.value).partition(f"{file}: ")
    assert path
    assert "\n" not in text
    assert len(text) < 300
    return text


@given(EXPERIMENTS, st.sampled_from(get_args(Theme)), st.booleans())
@settings(max_examples=30)
def test_any_session_comes_back(
    tmp_path_factory: pytest.TempPathFactory, experiment: Experiment, theme: Theme, theory: bool
) -> None:
    config = Config(tmp_path_factory.mktemp("config"))
    session = LastSession(experiment, theme, theory, files=("/net.npz", "/ä b/[x].safetensors"))
    config.save_session(session)
    assert config.last_session() == session


def test_a_session_replaces_the_one_before(config: Config) -> None:
    assert config.last_session() is None
    for session in (LastSession(Experiment(runs=20), "light", theory=True), LastSession(Experiment(widths=(4, 3)))):
        config.save_session(session)
        assert config.last_session() == session


@given(st.lists(st.text(max_size=40).filter(str.isprintable), unique=True, max_size=3))
def test_presets_of_any_printable_name_come_back(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    config = Config(tmp_path_factory.mktemp("config"))
    for seed, name in enumerate(names):
        config.save_preset(name, Experiment(seed=seed))
    assert config.presets() == {name: Experiment(seed=seed) for seed, name in enumerate(names)}
    for name in names[:1]:
        config.delete_preset(name)
    assert list(config.presets()) == names[1:]


def test_settings_that_a_file_omits_are_the_app_s(tmp_path: Path) -> None:
    (tmp_path / SESSION).write_text("[experiment]\nlayers = 40\n")
    (tmp_path / PRESETS).write_text("[mine]\nlayers = 40\n[wide]\nwidths = [5, 4, 3]\n")
    config = Config(tmp_path, Experiment(runs=20))
    assert config.last_session() == LastSession(Experiment(layers=40, runs=20))
    assert config.presets() == {
        "mine": Experiment(layers=40, runs=20),
        "wide": Experiment(widths=(5, 4, 3), runs=20),
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        # settings that belong under [experiment]
        ("files = 3", "files must be a list of paths"),
        ("layers = 40", "unknown key 'layers'; must be one of theme, theory, files, experiment"),
        ("[experiments]\nlayers = 40", "unknown key 'experiments'"),
        ("[experiment]\nlayer = 40", "'experiment': unknown key 'layer'; must be one of layers, neurons, features"),
        ("[experiment]\n__class__ = 1", "'experiment': unknown key '__class__'"),
        ("[experiment]\nlayers = 0", "'experiment': layers: 0 is not allowed; a whole number from 1 to 1000"),
        ("[experiment]\nlayers = 1e300", "layers"),
        ("[experiment]\nlayers = true", "layers"),
        ("[experiment]\nlayers = '[bold]x[/]'", "layers"),
        ("[experiment]\na = ['uniform']", "'experiment': a: "),
        ("[experiment]\na = 'nope'", "'experiment': a: nope"),
        ("[experiment]\ngain_a = 'critical'", "gain_a"),
        ("[experiment]\nsigma_b = nan", "sigma_b"),
        ("[experiment]\nseed = 1979-05-27", "seed"),
        ("[experiment]\nwidths = [1]", "widths"),
        ("[experiment]\nwidths = 5", "widths"),
        ("[experiment]\nwidths = {}", "widths"),
        ("experiment = 5", "'experiment': must be a table of settings"),
        ("theme = 'blue'", "theme must be one of dark, light, contrast"),
        ("theme = ['dark']", "theme must be one of dark, light, contrast"),
        ("theory = 'yes'", "theory must be true or false"),
        ("layers = ", "not valid TOML: "),
        ("a = " + "[" * 10_000, "not valid TOML: "),
        ("a = " + "9" * 5000, "not valid TOML: "),
        ("a." * 90_000 + "a = 1", "a key of more than 32 parts"),
        ("[" + "'a' . " * 30_000 + "a]", "a key of more than 32 parts"),
        ("a = {b = 1, " + '"". ' * 30_000 + "a = 1}", "a key of more than 32 parts"),
        ("x" * 300_000, "larger than 200000 bytes"),
    ],
    ids=lambda value: value[:40],
)
def test_a_session_that_is_not_understood_is_reported_and_left_alone(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / SESSION
    path.write_text(content)
    config = Config(tmp_path)
    assert words in problem(config, SESSION)
    with pytest.raises(ConfigError):
        config.save_session(LastSession(Experiment()))
    assert path.read_text() == content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[mine]\nlayers = 5000", "'mine': layers: 5000 is not allowed; a whole number from 1 to 1000"),
        ("[good]\n[mine]\nlayer = 5", "'mine': unknown key 'layer'"),
        ("layers = 5", "'layers': must be a table of settings"),
        ("".join(f"[a{i}]\n" for i in range(1001)), "more than 1000 presets"),
        ('["x\\ny"]\nseed = 1', "'x\\ny': a name must be printable"),
        ('["\\u001b[2J"]\n', "'\\x1b[2J': a name must be printable"),
    ],
)
def test_presets_that_are_not_understood_are_reported_and_left_alone(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / PRESETS
    path.write_text(content)
    config = Config(tmp_path)
    assert words in problem(config, PRESETS)
    with pytest.raises(ConfigError):
        config.save_preset("x", Experiment())
    with pytest.raises(ConfigError):
        config.delete_preset("x")
    assert path.read_text() == content


@pytest.mark.parametrize("file", [SESSION, PRESETS])
def test_a_file_that_is_no_text_is_reported(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_bytes(b"\xff\xfe\x00")
    assert problem(Config(tmp_path), file).startswith("not valid TOML: ")


@pytest.mark.parametrize("file", [SESSION, PRESETS])
def test_a_folder_in_place_of_a_file_is_reported(tmp_path: Path, file: str) -> None:
    (tmp_path / file).mkdir()
    assert problem(Config(tmp_path), file) == "is a folder"
    assert os.listdir(tmp_path / file) == []


@pytest.mark.parametrize("file", [SESSION, PRESETS, KEYS])
def test_a_pipe_or_a_device_is_reported_without_waiting_for_it_and_never_written_to(tmp_path: Path, file: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    for target in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/tty")):
        (tmp_path / file).unlink(missing_ok=True)
        (tmp_path / file).symlink_to(target)
        config = Config(tmp_path)
        with pytest.raises(ConfigError, match=rf"{file}: not a regular file$"):
            (config.last_session, config.presets, config.keys)[(SESSION, PRESETS, KEYS).index(file)]()
        if file != KEYS:
            with pytest.raises(ConfigError, match=r"not a regular file$"):
                config.save_session(LastSession(Experiment())) if file == SESSION else config.delete_preset("x")
        assert (tmp_path / file).is_symlink()


@pytest.mark.parametrize("file", [SESSION, PRESETS])
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    # simulated, because root may read any file
    monkeypatch.setattr(of_config, "open_regular", fail)
    assert problem(Config(tmp_path), file) == "permission denied"


def test_a_path_that_is_no_text_is_not_kept(config: Config) -> None:
    config.save_session(LastSession(Experiment(), files=("/a.npz", os.fsdecode(b"/\xff.npz"), "/\x1b\n.npz")))
    last = config.last_session()
    assert last is not None
    assert last.files == ("/a.npz", "/\x1b\n.npz")


PARTS = (b"[[", b"]", b'"', b"{", b"'''", b"a.b.", b"\n", b"= 1e400", b"\xff", b"\0", b"9" * 4400, b"[experiment]\n")


def test_no_damage_does_more_than_be_reported(tmp_path: Path) -> None:
    """Lines are cut, repeated, and put into each other."""
    chance, config = random.Random(7), Config(tmp_path)
    config.save_session(LastSession(Experiment(widths=(5, 4, 3)), files=("/a.npz",)))
    whole = (tmp_path / SESSION).read_bytes()
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 2, 5))):
            start = chance.randrange(len(content) + 1)
            content[start : start + chance.choice((0, 0, 1, 30))] = chance.choice((*PARTS, content[:60]))
        for file, read in ((SESSION, config.last_session), (PRESETS, config.presets), (KEYS, config.keys)):
            (tmp_path / file).write_bytes(content)
            with suppress(ConfigError):
                read()


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ConfigError, match="file"):
        Config(blocked / "below").save_session(LastSession(Experiment()))
    assert blocked.read_text() == ""


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    config = Config(tmp_path)
    config.save_session(LastSession(Experiment()))
    config.save_preset("x", Experiment())
    assert sorted(os.listdir(tmp_path)) == [PRESETS, SESSION]

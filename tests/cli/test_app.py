"""How the app starts without a command, or with the story: from which settings, and what it needs."""

from __future__ import annotations

import io
import os
import sys
from types import ModuleType

import pytest

from tests.cli.conftest import refused
from tests.conftest import Command
from tui_initflow.cli.main import main
from tui_initflow.model.experiment import Experiment

pytestmark = pytest.mark.slow


def test_the_app_needs_a_terminal(typed: Command) -> None:
    refused(typed(), "tui-initflow: ", "terminal", "tui-initflow run")


class App:
    """Stands in for the app and notes what it was started with."""

    return_code = 3
    crash = None
    started: list[tuple[Experiment, str]]
    openings: list[str]
    animations: str | None

    def __init__(self, experiment: Experiment, theme: str, opening: str, **others: object) -> None:
        # none has been started
        assert not vars(others.pop("place"))["_drivers"]
        assert others == {"theory": False, "files": (), "config": None, "keys": {}, "notices": [], "recording": None}
        self.started.append((experiment, theme))
        self.openings.append(opening)

    def run(self) -> None:
        type(self).animations = os.environ.get("TEXTUAL_ANIMATIONS")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> type[App]:
    App.started, App.openings = [], []
    module = ModuleType("tui_initflow.tui.app")
    module.InitflowApp = App  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tui_initflow.tui.app", module)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "")  # restored at the end, whatever the command sets
    monkeypatch.delenv("TEXTUAL_ANIMATIONS")
    return App


def streams(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> None:
    for name in ("stdin", "stdout", "stderr"):
        stream = io.StringIO()
        stream.isatty = lambda: terminal  # type: ignore[method-assign]
        monkeypatch.setattr(sys, name, stream)


def test_the_app_starts_with_the_settings(app: type[App], monkeypatch: pytest.MonkeyPatch) -> None:
    streams(monkeypatch, terminal=True)
    assert main(["--no-config", "--layers", "7", "--preset", "matched", "--seed", "3", "--theme", "light"]) == 3
    assert main(["--no-config"]) == 3
    described = Experiment(layers=7, a="glorot-uniform", b="normal", seed=3, runs=20)
    assert app.started == [(described, "light"), (Experiment(runs=20), "dark")]


def test_the_story_opens_in_the_app_with_its_options(app: type[App], monkeypatch: pytest.MonkeyPatch) -> None:
    streams(monkeypatch, terminal=True)
    main(["--no-config"])
    main(["story", "--no-config", "--theme", "light"])
    main(["--no-config", "--theme", "light", "story", "--pace", "8"])
    main(["--no-config", "--no-run", "--theme", "light"])
    assert app.openings == ["run_once", "story(None)", "story(8.0)", "sweep"]
    assert [theme for _, theme in app.started] == ["dark", "light", "light", "light"]


@pytest.mark.parametrize(("wanted", "animations"), [(None, "none"), ("full", "full")])
def test_the_app_has_no_animations_unless_asked_for(
    app: type[App], monkeypatch: pytest.MonkeyPatch, wanted: str | None, animations: str
) -> None:
    streams(monkeypatch, terminal=True)
    if wanted is not None:
        monkeypatch.setenv("TEXTUAL_ANIMATIONS", wanted)
    main(["--no-config"])
    assert app.animations == animations


def test_in_a_browser_the_app_needs_no_terminal(app: type[App], monkeypatch: pytest.MonkeyPatch) -> None:
    """`textual serve` sets its own driver and gives the app pipes."""
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    streams(monkeypatch, terminal=False)
    assert main(["--no-config", "--layers", "7"]) == 3
    assert [experiment.layers for experiment, _ in app.started] == [7]

"""The lab: any initialiser, activation and network by keys, theory beside the measurement."""

from __future__ import annotations

import shlex
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, Label, OptionList

from tests.tui.conftest import SIZES, SMALL, Driver, Opener
from tui_initflow.cli.main import main
from tui_initflow.lab import studies
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.theory.outlook import Theory
from tui_initflow.tui.screens.questions import Chooser, Form

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


async def typed(driver: Driver, text: str) -> None:
    """Type into the field that has the focus."""
    await driver.pilot.press(*text)


def offered(driver: Driver) -> list[str]:
    options = driver.app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(i).id) for i in range(options.option_count)]


@pytest.mark.parametrize(("side", "size"), [("a", SIZES[0]), ("b", SIZES[2])])
async def test_an_initialiser_is_chosen_by_typing(opened: Opener, size: tuple[int, int], side: str) -> None:
    async with opened(size=size) as driver:
        await driver.press("r", side)
        assert isinstance(driver.app.screen, Chooser)
        assert offered(driver) == list(INITIALISERS)
        await typed(driver, "he unif")
        assert offered(driver) == ["he-uniform"]
        await driver.press("enter")
        assert driver.screen.session.experiment == SMALL.with_(**{side: "he-uniform"}, runs=1)
        assert "He uniform" in driver.text("title")
        assert "He-uniform" in driver.text("banner")
        assert driver.screen.session.results is not None
        assert driver.screen.session.results.experiment == driver.screen.session.experiment


async def test_the_list_starts_at_what_is_chosen_and_arrows_move(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("b")
        names = list(INITIALISERS)
        await driver.press("down", "down", "up", "enter")
        assert driver.screen.session.experiment.b.initialiser == names[names.index("normal") + 1]


async def test_an_initialiser_without_a_name_is_described(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("a")
        await typed(driver, "normal:2/fan_in")
        assert offered(driver) == ["normal:2/fan_in"]
        await driver.press("enter")
        assert driver.screen.session.experiment.a.initialiser == "normal:2/fan_in"
        assert "Normal 2/fan_in" in driver.text("title")


async def test_a_filter_without_matches_chooses_nothing(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("a")
        await typed(driver, "zzz")
        assert offered(driver) == []
        await driver.press("enter")
        assert isinstance(driver.app.screen, Chooser)
        await driver.press("escape")
        assert len(driver.app.screen_stack) == 1
        assert driver.screen.session.experiment == replace(SMALL, runs=1)


async def test_markup_in_a_filter_is_only_text(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("a")
        driver.app.screen.query_one(Input).value = "[red]x[/]" * 40
        await driver.settle()
        assert offered(driver) == []


async def test_the_activation_is_chosen(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("f")
        await typed(driver, "leaky")
        await driver.press("enter")
        assert driver.screen.session.experiment.activation == "leaky_relu"
        assert "leaky_relu" in driver.text("title")


async def test_a_list_of_widths_makes_a_custom_network(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("R", "n")
        assert isinstance(driver.app.screen, Form)
        await typed(driver, "12-9x3-4")
        await driver.press("enter")
        assert driver.screen.session.experiment.widths == (12, 9, 9, 9, 4)
        assert driver.field("layers").input.value == "custom"
        assert driver.field("neurons").input.value == "custom"
        assert driver.field("features").input.value == "12"
        assert set(driver.screen.session.sweeps) == {"features"}
        driver.field("layers").input.focus()
        await driver.press("up")
        assert driver.screen.session.experiment.widths is None
        assert driver.screen.session.experiment.layers == 5
        assert driver.field("neurons").input.value == "9"
        assert set(driver.screen.session.sweeps) == {"layers", "neurons", "features"}


async def test_gains_biases_and_start(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("n")
        for setting, value in (("gain_a", "critical"), ("gain_b", "0.5"), ("sigma_b", "0.1"), ("start", "signs")):
            driver.app.screen.query_one(f"#form-{setting}", Input).value = value
        driver.app.screen.query_one("#form-start", Input).focus()
        await driver.press("enter")
        experiment = driver.screen.session.experiment
        assert (experiment.b.gain, experiment.sigma_b, experiment.start) == (0.5, 0.1, "signs")
        # tanh with biases is critical at a sigma_w above 1, the demo's uniform has 1/sqrt(3)
        assert experiment.a.gain > 3**0.5
        assert "×0.5" in driver.text("title")


async def test_blocks_are_set_in_the_form_and_shown(opened: Opener) -> None:
    async with opened(size=(120, 40)) as driver:
        await driver.press("n")
        for setting, value in (("block_a", "residual"), ("branch_scale_a", "1/L"), ("norm_b", "rms")):
            driver.app.screen.query_one(f"#form-{setting}", Input).value = value
        driver.app.screen.query_one("#form-start", Input).focus()
        await driver.press("enter", "R", "t")
        experiment = driver.screen.session.experiment
        assert (experiment.a.block, experiment.a.branch_scale, experiment.b.norm) == ("residual", "1/L", "rms")
        assert "residual c=1/L" in driver.text("title")
        assert "rms norm" in driver.text("title")
        assert "infinite width" in " ".join(driver.text("gradient").split())
        await driver.press("3")
        assert "Pre-activations h by layer" in driver.text("preactivations")
        await driver.press("p")
        await driver.press("escape")


REFUSED = (
    ("block_a", "resnet", "plain, residual, pre-norm, post-norm"),
    ("block_b", "pre-norm", "Norm of B: a pre-norm block needs a norm"),
    ("branch_scale_a", "2", "Branch scale A: a plain block has no branch"),
    ("branch_scale_b", "1/x", "1/sqrt(L) or 1/L"),
    ("widths", "3", "Widths"),
    ("widths", "0-5", "1 to 65536"),
    ("widths", "9" * 5000, "Widths"),
    ("gain_a", "", "0.001 to 1000"),
    ("gain_b", "-1", "Gain of B"),
    ("gain_a", "nan", "Gain of A"),
    ("sigma_b", "1e9", "0 to 100"),
    ("start", "[b]", "ones, signs"),
)
"""Of the form: a setting, what is typed, and what is said of it."""


async def test_the_form_refuses_in_one_line_and_stays(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("n")
        for setting, value, words in REFUSED:
            field = driver.app.screen.query_one(f"#form-{setting}", Input)
            before, field.value = field.value, value
            field.focus()
            await driver.press("enter")
            assert isinstance(driver.app.screen, Form)
            refusal = str(driver.app.screen.query_one(".refusal", Label).content)
            assert words in refusal
            assert "\n" not in refusal
            field.value = before
        await driver.press("escape")
        assert driver.screen.session.experiment == replace(SMALL, runs=1)


async def test_theory_can_be_toggled(opened: Opener) -> None:
    async with opened(replace(SMALL, neurons=50), size=(120, 40)) as driver:
        await driver.press("R")
        assert "theory" not in driver.text("gradient")
        await driver.press("t")
        shown = driver.text("gradient")
        assert "○◇ theory" in shown
        assert "ordered" in shown
        assert "critical" in shown
        await driver.press("6")
        assert "torch.nn.init.xavier_" in driver.text("why")
        await driver.press("up", "t")
        assert "theory" not in driver.text("gradient")


async def test_theory_follows_the_settings(opened: Opener) -> None:
    async with opened(replace(SMALL, neurons=50), size=(120, 40)) as driver:
        await driver.press("R", "t", "l")
        assert driver.screen.session.theory is not None
        # rand() is the ordered phase at its most extreme
        phase = driver.screen.session.theory.outlooks.a.phase
        assert phase is not None
        assert phase.chi < 0.01
        assert "Rand: ordered" in driver.text("gradient")


async def test_theory_of_old_settings_never_lands(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    late, returned = threading.Event(), threading.Event()
    predict = studies.theory

    def slow(experiment: Experiment, cancel: threading.Event) -> Theory | None:
        if experiment.a.initialiser != "uniform":
            return predict(experiment, cancel)
        late.wait(timeout=30)
        theory = predict(experiment, threading.Event())
        returned.set()
        return theory

    monkeypatch.setattr(studies, "theory", slow)
    async with opened() as driver:
        await driver.pilot.press("r", "t", "l")
        late.set()
        while not returned.is_set():
            await driver.pilot.pause()
        await driver.settle()
        assert driver.screen.session.theory is not None
        phase = driver.screen.session.theory.outlooks.a.phase
        assert phase is not None
        assert phase.m_star > 0


async def test_the_other_method_is_focused_and_its_line_copied(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("y")
        assert "torch.nn.init.xavier_uniform_(w, gain=0.5774)" in driver.app.clipboard
        await driver.press("x")
        assert "b▸" in driver.text("title")
        await driver.press("y")
        assert "torch.nn.init.xavier_normal_(w, gain=1)" in driver.app.clipboard
        # with theory it is the line that is advised
        await driver.press("x", "r", "t")
        await driver.press("y")
        assert "torch.nn.init.xavier_uniform_(w, gain=1)" in driver.app.clipboard


async def test_what_is_copied_can_be_had_without_a_clipboard(
    opened: Opener, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened() as driver:
        await driver.press("x", "r", "t")
        await driver.press("y", "c")
        code, command = driver.app._notifications
        assert {code.title, command.title} == {"Sent to the terminal's clipboard"}
        assert command.message == driver.screen.session.command() == driver.app.clipboard
        module = driver.screen.session.pytorch()
        assert code.message.startswith(f"{len(module.splitlines())} lines of Python; e and a name.py write them")
        path = tmp_path / "network.py"
        await driver.press("e")
        driver.app.screen.query_one(Input).value = str(path)
        await driver.press("enter")
        assert path.read_text(encoding="utf-8") == module
    # the app captures what is printed
    assert main(shlex.split(code.message.splitlines()[-1])[1:]) == 0
    assert capsys.readouterr().out == module


async def test_code_is_exported_before_the_first_run(opened: Opener, tmp_path: Path) -> None:
    async with opened() as driver:
        await driver.press("e")
        driver.app.screen.query_one(Input).value = str(tmp_path / "network.py")
        await driver.press("enter")
        assert (tmp_path / "network.py").read_text(encoding="utf-8") == driver.screen.session.pytorch()


async def test_v_shows_what_a_number_format_loses(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("R", "v", "v")
        assert driver.screen.session.experiment.format == "fp16"
        results = driver.screen.session.results
        assert results is not None
        assert results.runs == SMALL.runs
        assert "In fp16, " in driver.text("gradient")

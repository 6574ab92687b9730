"""The screen answers every key and every input, and shows only what belongs to the newest settings."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from textual.widgets import Label

from tests.tui.conftest import ENDS, SIZES, SMALL, Opener
from tui_initflow.engine.runs import simulate
from tui_initflow.findings.notation import scientific
from tui_initflow.model.experiment import Experiment
from tui_initflow.pages.panes import PANES
from tui_initflow.tui.widgets.dashboard import Dashboard
from tui_initflow.tui.widgets.number_field import NumberField

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


@pytest.mark.parametrize("size", SIZES)
async def test_first_screen_invites_to_a_run_which_shows_what_the_engine_computes(
    opened: Opener, size: tuple[int, int]
) -> None:
    async with opened(size=size) as driver:
        assert "press r to run" in driver.text("banner")
        assert "0.9 per layer leaves 35%" in driver.text("insight")
        assert driver.screen.session.results is None
        await driver.press("r")
        expected = simulate(replace(SMALL, runs=1))
        banner = driver.text("banner")
        assert scientific(float(expected.a.log10_final[0])) in banner
        assert scientific(float(expected.b.log10_final[0])) in banner
        assert "x in one run" in banner


async def test_runs_add_up_and_equal_one_long_run(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("r", "R", "r")
        assert driver.screen.session.results is not None
        expected = simulate(replace(SMALL, runs=7))
        assert driver.screen.session.results.a.log10_gradient.tolist() == expected.a.log10_gradient.tolist()
        assert driver.screen.session.results.b.preactivation.std.tolist() == expected.b.preactivation.std.tolist()


async def test_number_of_runs_can_be_changed(opened: Opener) -> None:
    async with opened() as driver:
        driver.field("runs").input.focus()
        await driver.press("3", "enter", "R")
        assert driver.screen.session.results is not None
        assert driver.screen.session.results.runs == 3


async def test_arrows_step_and_rerun(opened: Opener) -> None:
    expected = SMALL
    keys = {"up": 1, "shift+up": 10, "down": -1, "right": 1, "left": -1}
    async with opened() as driver:
        await driver.press("R")
        for setting, (key, by) in product(("layers", "neurons", "features"), keys.items()):
            driver.field(setting).input.focus()
            await driver.press(key)
            expected = replace(expected, **{setting: getattr(expected, setting) + by})
            assert driver.screen.session.experiment == replace(expected, runs=1)
            assert driver.screen.session.results is not None
            assert driver.screen.session.results.runs == SMALL.runs
            assert driver.screen.session.results.a.log10_final.tolist() == simulate(expected).a.log10_final.tolist()
            points = driver.screen.session.sweeps[setting].points
            assert getattr(expected, setting) in [point.value for point in points]


async def test_a_field_that_is_ahead_is_not_set_back(opened: Opener) -> None:
    """With an arrow held down, the screen hears of a step when the next one is already done."""
    async with opened() as driver:
        field = driver.field("layers")
        with field.prevent(NumberField.Changed):
            field.action_step(2)
        driver.screen.post_message(NumberField.Changed("layers", SMALL.layers + 1))
        await driver.pilot.pause()
        assert field.value == SMALL.layers + 2


async def test_steps_end_at_the_limits(opened: Opener) -> None:
    async with opened(replace(SMALL, layers=3)) as driver:
        driver.field("layers").input.focus()
        await driver.press("shift+down")
        assert driver.screen.session.experiment.layers == 1


async def test_typed_value_is_taken_on_enter_and_by_a_pause(opened: Opener) -> None:
    async with opened() as driver:
        driver.field("layers").input.focus()
        await driver.press("1", "2", "enter")
        assert driver.screen.session.experiment.layers == 12
        # the field is left, and a digit brings a pane
        await driver.press("6")
        assert driver.screen.session.experiment.layers == 12
        assert driver.screen.query_one(Dashboard).pane == "why"
        # tabbing away takes it too
        driver.field("layers").input.focus()
        await driver.press("9", "tab")
        assert driver.screen.session.experiment.layers == 9


async def test_bad_values_are_refused_beside_the_field(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("r")
        before = driver.screen.session.results
        field = driver.field("layers")
        for typed in ("", "0", "-5", "3.5", "1e9", "1001"):
            field.input.focus()
            field.input.select_all()
            await driver.press("backspace", *({"-": "minus", ".": "full_stop"}.get(c, c) for c in typed), "enter")
            assert field.has_class("refused"), typed
            assert "1 to 1000" in driver.text("status")
            assert driver.screen.session.results is before
            assert driver.screen.session.experiment.layers == SMALL.layers
            await driver.press("escape")
            assert not field.has_class("refused")
            assert field.input.value == str(SMALL.layers)


async def test_pasted_rubbish_is_refused(opened: Opener) -> None:
    from textual.events import Paste

    async with opened() as driver:
        field = driver.field("neurons")
        for pasted in ("abc", "9" * 10_000, "x" * 10_000, "[b]1[/b]", "12\n34"):
            field.input.focus()
            await driver.pilot.pause()
            field.input.post_message(Paste(pasted))
            await driver.press("enter")
            if pasted.startswith("12"):
                assert driver.screen.session.experiment.neurons == 12
            else:
                assert field.has_class("refused"), pasted
                assert "1 to 2048" in driver.text("status")
                assert len(driver.text("status")) <= 80
                await driver.press("escape")


async def test_letters_reach_the_app_while_a_field_has_focus(opened: Opener) -> None:
    async with opened() as driver:
        driver.field("layers").input.focus()
        await driver.press("r")
        assert driver.screen.session.results is not None
        await driver.press("z")
        assert driver.screen.query_one(Dashboard).zoomed is not None


@pytest.mark.parametrize("size", ENDS)
async def test_number_keys_bring_every_pane(opened: Opener, size: tuple[int, int]) -> None:
    async with opened(size=size) as driver:
        await driver.press("R")
        for key, pane in enumerate(PANES, 1):
            await driver.press(str(key))
            target = "sweep-layers" if pane == "sweeps" else pane
            assert target in driver.visible()
            assert driver.text(target).strip()
            focused = driver.screen.focused
            assert focused is not None
            assert focused.id == target


async def test_brackets_walk_through_the_panes(opened: Opener) -> None:
    async with opened() as driver:
        dashboard, panes = driver.screen.query_one(Dashboard), list(PANES)
        for pane in (*panes[1:], panes[0]):
            await driver.press("right_square_bracket")
            assert dashboard.pane == pane
        await driver.press("left_square_bracket")
        assert dashboard.pane == panes[-1]


@pytest.mark.parametrize("size", ENDS)
async def test_zoom_and_back(opened: Opener, size: tuple[int, int]) -> None:
    async with opened(size=size) as driver:
        await driver.press("R", "1")
        before = driver.visible()
        await driver.press("z")
        assert driver.visible() == {"gradient"}
        await driver.press("z")
        assert driver.visible() == before


async def test_presets_are_one_key_apart(opened: Opener) -> None:
    async with opened() as driver:
        before = driver.screen.session.experiment
        await driver.press("m")
        assert driver.screen.session.experiment.a.initialiser == "glorot-uniform"
        assert "±√3" in driver.text("title")
        await driver.press("m")
        assert driver.screen.session.experiment == before
        await driver.press("l")
        assert driver.screen.session.experiment.a.initialiser == "rand"
        assert "[0,1)" in driver.text("title").replace(" ", "")
        await driver.press("d")
        assert driver.screen.session.experiment == Experiment(seed=SMALL.seed)


async def test_sweep_cursor_reads_points_out_and_adopts(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("5")
        assert "Layers 4:" in driver.text("sweep-layers").replace("\n", " ")
        await driver.press("home")
        assert "Layers 1:" in driver.text("sweep-layers").replace("\n", " ")
        await driver.press("right", "right", "enter")
        assert driver.screen.session.experiment.layers == 3
        assert driver.field("layers").input.value == "3"


@pytest.mark.parametrize("size", ENDS)
async def test_resize_keeps_the_state(opened: Opener, size: tuple[int, int]) -> None:
    async with opened() as driver:
        await driver.press("R", "2")
        results = driver.screen.session.results
        await driver.pilot.resize_terminal(*size)
        await driver.settle()
        assert driver.screen.session.results is results
        assert "layers" in driver.visible()
        assert "L0" in driver.text("layers")


async def test_smaller_than_the_smallest_still_runs(opened: Opener) -> None:
    async with opened(size=(40, 10)) as driver:
        await driver.press("r")
        assert driver.screen.session.results is not None


async def test_theme_toggles_without_losing_the_runs(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("r", "T")
        assert not driver.app.current_theme.dark
        assert driver.screen.session.results is not None
        await driver.press("T")
        assert driver.app.current_theme.name == "contrast"
        await driver.press("T")
        assert driver.app.current_theme.name == "textual-dark"


async def test_quit_key_ends_the_app(opened: Opener) -> None:
    async with opened() as driver:
        await driver.pilot.press("q")
        assert driver.app.return_code == 0


async def test_a_result_is_kept_to_compare_with_until_it_is_cleared(opened: Opener) -> None:
    async with opened() as driver:
        await driver.press("k")
        assert driver.screen.session.kept is None
        await driver.press("R", "k")
        kept = driver.screen.session.kept
        assert kept is not None
        await driver.press("m")
        assert driver.screen.session.kept is kept
        assert "since kept: " in driver.text("banner")
        assert "── kept" in driver.text("gradient")
        await driver.press("k")
        assert "kept" not in driver.text("banner") + driver.text("gradient")


async def test_the_range_of_neurons_is_that_of_the_methods(opened: Opener) -> None:
    """Only where no weights are drawn may layers be wider than 2048."""
    async with opened() as driver:
        hint = driver.field("neurons").query_one(".field-range", Label)
        assert str(hint.content) == "1–2048"
        driver.screen.change(lambda: driver.screen.session.experiment.with_(a="orthogonal"))
        await driver.pilot.pause()
        assert str(hint.content) == "1–2^20"


async def test_settings_that_do_not_go_together_are_refused_in_one_line(opened: Opener) -> None:
    async with opened(SMALL.with_(a="he-normal", sampler="implicit")) as driver:
        before = driver.screen.session.experiment
        await driver.press("l")
        assert driver.screen.session.experiment == before
        assert "sampler: rand needs its weights" in driver.text("status")

"""The top of the screen: numbers are named and never cut, names give way."""

from __future__ import annotations

import pytest

from tests.charts.samples import lines
from tests.pages.samples import DEMO, EXPERIMENTS, summary, words
from tui_initflow.charts.palette import DARK
from tui_initflow.findings.advice import account
from tui_initflow.findings.notation import plain, scientific
from tui_initflow.findings.wording import badge
from tui_initflow.model.pair import SIDES
from tui_initflow.pages.chrome import insight, result, title, waiting


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("width", [72, 80, 120, 200])
def test_the_banner_has_its_numbers_at_any_width(name: str, width: int) -> None:
    runs_summary = summary(name)
    rows = lines(result(runs_summary, width, 2, DARK))
    assert [len(row) for row in rows] == [width, width]
    for text in (*(scientific(method.final) for method in runs_summary.methods), badge(runs_summary)):
        assert text in rows[0]
    assert "…" not in rows[1]
    assert ("1 run" if runs_summary.runs == 1 else f"geometric mean of {runs_summary.runs} runs") in rows[1]


def test_the_banner_says_what_its_numbers_are() -> None:
    assert "gradient at L0 · geometric mean of 20 runs · 95% CI " in words(result(summary("demo"), 80, 2, DARK))
    assert "1 run · press R for more runs" in words(result(summary("one run"), 80, 2, DARK))
    assert "no 95% CI" in words(result(summary("dead"), 80, 2, DARK))


def test_the_banner_tells_the_difference_to_what_was_kept() -> None:
    now, kept = summary("matched"), summary("demo")
    text = words(result(now, 80, 2, DARK, kept=kept))
    changes = [10 ** (now.methods[side].final - kept.methods[side].final) for side in SIDES]
    assert f"since kept: Glorot-uniform over Uniform {changes[0]:.3g}x, Normal {changes[1]:.2f}x" in text


def test_the_insight_says_which_average_its_factors_are() -> None:
    assert "×0.9 per layer leaves 35% after 10 layers" in words(insight(None, 80, 1, DARK))
    for name, average in (("demo", "here, geometric mean:"), ("one run", "here:")):
        for method in summary(name).methods:
            # the factor of a backward step, as in Why, and what is left in percent
            assert method.log10_step is not None
            said = f"×{plain(method.log10_step)} leaves {100 * 10**method.final:.2g}%"
            assert said in words(insight(summary(name), 120, 1, DARK))
            assert f"multiplies the gradient by {plain(method.log10_step)}," in account(DEMO, method)
        assert average in words(insight(summary(name), 120, 1, DARK))
    for name in EXPERIMENTS:
        for width in (72, 80, 120, 200):
            assert "…" not in words(insight(summary(name), width, 1, DARK))


def test_the_title_marks_the_focused_method_and_shows_what_is_unusual() -> None:
    assert words(title(DEMO, "a", 80, 1, DARK)) == "initflow a▸Uniform U(-1,1) vs b Normal N(0,1) f tanh · seed 1"
    unusual = DEMO.with_(sigma_b=0.5, start="signs", gain_b=2.0)
    text = words(title(unusual, "b", 120, 1, DARK))
    assert "b▸Normal N(0,1) ×2" in text
    assert "σ_b 0.5 · output gradient signs" in text


def test_without_runs_the_banner_says_why_and_what_to_do() -> None:
    assert words(waiting(DEMO, "press r to run", "r runs once", 80, 2, DARK)) == (
        "Uniform — press r to run — Normal r runs once"
    )

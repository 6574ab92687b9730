"""Every pane, for quite different experiments at the sizes it has: rows fill the width, and nothing is cut."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.charts.samples import lines
from tests.pages.samples import EXPERIMENTS, SIZES_BY_EXPERIMENT, summary, with_theory, words
from tui_initflow.charts.palette import DARK, LIGHT
from tui_initflow.engine.runs import simulate
from tui_initflow.findings import summary as findings
from tui_initflow.pages import why
from tui_initflow.pages.panes import PANES, painters

pytestmark = pytest.mark.slow


def test_every_pane_has_a_painter_or_shows_something_else_than_runs() -> None:
    assert painters(summary(next(iter(EXPERIMENTS)))).keys() == PANES.keys() - {"sweeps", "train"}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_pane_fills_its_rows_and_cuts_no_word(name: str) -> None:
    for pane, paint in painters(with_theory(name)).items():
        for width, height in SIZES_BY_EXPERIMENT[name]:
            rows = lines(paint(width, height, LIGHT))
            assert {len(row) for row in rows} == {width}, pane
            # an ellipsis would be the mark of a cut
            assert not any("…" in row for row in rows), (pane, width)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_no_pane_shows_what_is_not_a_number(name: str) -> None:
    for pane, paint in painters(summary(name)).items():
        text = words(paint(118, 37, DARK))
        for word in ("nan", "infx", "?x", "None"):
            assert word not in text, (pane, word)


def test_verdict_and_claims_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()

    def counted(module: object, name: str) -> None:
        function = getattr(module, name)

        def call(*arguments: object) -> object:
            calls[name] += 1
            return function(*arguments)

        monkeypatch.setattr(module, name, call)

    counted(findings, "verdict")
    counted(why, "claims")
    panes = painters(findings.summarise(simulate(EXPERIMENTS["demo"])))
    assert calls == {"verdict": 1}
    # a pane that is higher than its place is drawn again, one column narrower
    for paint in panes.values():
        for width in (80, 79):
            paint(width, 16, DARK)
    assert calls == {"verdict": 1, "claims": 1}

"""What a live frame costs: the verdict is computed once for it, and the claims at most once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.tui.conftest import SMALL, Opener
from tui_initflow.findings import summary as findings
from tui_initflow.pages import why
from tui_initflow.tui import workers
from tui_initflow.tui.widgets.dashboard import Dashboard

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_no_frame_computes_verdict_or_claims_twice(
    opened: Opener, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    calls: Counter[str] = Counter()

    def count(owner: Any, name: str) -> None:
        function = getattr(owner, name)

        def counted(*arguments: Any) -> Any:
            calls[name] += 1
            return function(*arguments)

        monkeypatch.setattr(owner, name, counted)

    count(findings, "summarise")
    count(findings, "verdict")
    count(why, "claims")
    count(Dashboard, "show_summary")
    # a frame for every batch that is noticed, of which there are several
    monkeypatch.setattr(workers, "FIRST_FRAME_SECONDS", 0.0)
    monkeypatch.setattr(workers, "FRAME_SECONDS", 0.0)
    async with opened(SMALL.with_(runs=20_000), size=size) as driver:
        await driver.press("6", "R")
        assert "Claims" in driver.text("why") or "What these" in driver.text("why")
    assert calls["show_summary"] > 0
    # how many frames a run has depends on the machine
    assert calls["verdict"] == calls["summarise"] >= 1
    # higher than its place, the page is drawn twice, and says the same
    assert 0 < calls["claims"] <= calls["show_summary"]

"""Draws the picture of the app in the README: `python -m tests.picture`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.tui.conftest import Driver
from tui_initflow.model.experiment import Experiment
from tui_initflow.tui.app import InitflowApp

PATH = Path(__file__).parents[1] / ".github" / "app.svg"


async def picture() -> str:
    """The app at 120x40 after fifty runs of the demo."""
    app = InitflowApp(Experiment(runs=50, seed=1))
    async with app.run_test(size=(120, 40)) as pilot:
        await Driver(app, pilot).settle()
        await Driver(app, pilot).press("R")
        return app.export_screenshot(simplify=True)


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(asyncio.run(picture()), encoding="utf-8")
    print(PATH)

"""Draws the pictures of the app in the README: `python -m tests.picture`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.tui.conftest import Driver
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.presets import PRESETS
from tui_initflow.tui.app import InitflowApp

FOLDER = Path(__file__).parents[1] / ".github"
DEMO = Experiment(runs=50, seed=1)
PICTURES = {
    "app": (DEMO, (120, 40), "R"),
    # plain against pre-norm, 50 layers
    "blocks": (PRESETS["skips"].applied_to(DEMO), (100, 30), "R"),
    "training": (DEMO.with_(layers=20), (160, 40), "gz"),
}
"""The experiment, the size of the terminal, and the keys pressed."""


async def picture(experiment: Experiment, size: tuple[int, int], keys: str) -> str:
    app = InitflowApp(experiment)
    async with app.run_test(size=size) as pilot:
        await Driver(app, pilot).settle()
        await Driver(app, pilot).press(*keys)
        return app.export_screenshot(simplify=True)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, shown in PICTURES.items():
        path = FOLDER / f"{name}.svg"
        path.write_text(asyncio.run(picture(*shown)), encoding="utf-8")
        print(path)

"""Draws the pictures of the app in the README and the topics: `python -m tests.picture`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from tests.tui.conftest import Driver
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.presets import PRESETS
from tui_initflow.tui.app import InitflowApp
from tui_initflow.tui.screens.inspect import InspectScreen

FOLDER = Path(__file__).parents[1] / ".github"
DEMO = Experiment(runs=50, seed=1)
PICTURES = {
    "app": (DEMO, (120, 40), "R"),
    # plain against pre-norm, 50 layers
    "blocks": (PRESETS["skips"].applied_to(DEMO), (100, 30), "R"),
    "training": (DEMO.with_(layers=20), (160, 40), "gz"),
}
"""The experiment, the size of the terminal, and the keys pressed."""
LAYERS, WIDTH = 12, 128


async def picture(experiment: Experiment, size: tuple[int, int], keys: str) -> str:
    app = InitflowApp(experiment)
    async with app.run_test(size=size) as pilot:
        await Driver(app, pilot).settle()
        await Driver(app, pilot).press(*keys)
        return app.export_screenshot(simplify=True)


async def checkpoint() -> str:
    """A network of which the last layers have been trained, or so, and one bias is broken."""
    generator = np.random.default_rng(3)
    bound = WIDTH**-0.5
    weights: dict[str, NDArray[np.float32]] = {}
    for layer in range(LAYERS):
        w, b = generator.uniform(-bound, bound, (WIDTH, WIDTH)), generator.uniform(-bound, bound, WIDTH)
        if layer >= LAYERS // 2:
            w += generator.normal(0, 0.05, (WIDTH, 3)) @ generator.normal(0, 0.5, (3, WIDTH)) + generator.normal(
                0, 0.03
            )
            b += generator.normal(0, 0.1, WIDTH)
        weights |= {f"layers.{layer}.weight": w.astype(np.float32), f"layers.{layer}.bias": b.astype(np.float32)}
    weights["layers.7.bias"][3] = np.nan
    app = InitflowApp(DEMO.with_(activation="relu"))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        np.savez(path, **weights)  # type: ignore[arg-type]
        async with app.run_test(size=(110, 34)) as pilot:
            screen = InspectScreen(path, app.screen.session.to_inspect())  # type: ignore[attr-defined]
            await app.push_screen(screen)
            await pilot.pause()
            await pilot.press("o")
            while screen.busy:
                await pilot.pause(0.05)
            await pilot.press(*["down"] * 4)
            while screen.busy:
                await pilot.pause(0.05)
            await pilot.pause()
            return app.export_screenshot(simplify=True)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    drawn = {name: picture(*shown) for name, shown in PICTURES.items()} | {"weights": checkpoint()}
    for name, drawing in drawn.items():
        path = FOLDER / f"{name}.svg"
        path.write_text(asyncio.run(drawing), encoding="utf-8")
        print(path)

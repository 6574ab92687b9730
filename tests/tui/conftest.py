"""What the screen tests share: the app at a size, waiting for its work, reading its text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import cache
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from tui_initflow.model.experiment import Experiment
from tui_initflow.storage.config import Config, Theme
from tui_initflow.tui.app import InitflowApp
from tui_initflow.tui.keys import NO_KEYS, Keymap
from tui_initflow.tui.screens.main import MainScreen
from tui_initflow.tui.screens.phase import PhaseScreen
from tui_initflow.tui.screens.story import StoryScreen
from tui_initflow.tui.widgets.dashboard import Dashboard
from tui_initflow.tui.widgets.number_field import NumberField
from tui_initflow.tui.widgets.picture_view import PictureView

SIZES = ((80, 24), (120, 40), (200, 60))
ENDS = SIZES[::2]
"""The smallest and the largest."""
SMALL = Experiment(layers=4, neurons=8, features=6, runs=5, seed=7)
SECONDS = 60.0
"""Timeout of a wait, which ends as soon as what it waits for holds."""


@pytest.fixture(scope="session", autouse=True)
def styles_parsed_once() -> Iterator[None]:
    """Share the parsed styles among the apps, each of which would parse the same again: an eighth of its start.

    They depend on their text and on the variables of the theme, and nothing changes them once they are parsed.
    """
    parse = Stylesheet._parse_rules

    @cache
    def parsed(variables: tuple[tuple[str, str], ...], *source: Any, **options: Any) -> Any:
        return parse(Stylesheet(variables=dict(variables)), *source, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Stylesheet,
            "_parse_rules",
            lambda sheet, *source, **options: parsed(tuple(sheet._variables.items()), *source, **options),
        )
        yield


class Driver:
    """A running app, driven in the terms of the tests."""

    def __init__(self, app: InitflowApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> MainScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Wait until no work is under way and all messages are handled, however slow the machine is."""
        while True:
            # a dialogue waits for its answer as long as it is open
            work = [worker for worker in self.app.workers if worker.group != "dialogue"]
            if work:
                # of work that newer work replaces, nothing is waited for
                with suppress(WorkerCancelled):
                    await self.app.workers.wait_for_complete(work)
            await self.pilot.pause()
            working = MainScreen | PhaseScreen | StoryScreen
            screens = (screen for screen in self.app.screen_stack if isinstance(screen, working))
            if (
                all(worker.group == "dialogue" for worker in self.app.workers)
                and not any(screen.busy for screen in screens)
                and all(map(_waits, self._nodes))
            ):
                return

    @property
    def _nodes(self) -> list[MessagePump]:
        """Everything that handles messages."""
        return [self.app, *(node for screen in self.app.screen_stack for node in screen.walk_children(with_self=True))]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Handle messages until something holds."""
        async with asyncio.timeout(SECONDS):
            while not holds():
                await self.pilot.pause()

    def text(self, part: str) -> str:
        """What a part shows now, line by line."""
        view = self.app.screen_stack[0].query_one(f"#{part}", PictureView)
        return "\n".join(view.render_line(y).text.rstrip() for y in range(view.size.height))

    def field(self, setting: str) -> NumberField:
        return self.screen.query_one(f"#field-{setting}", NumberField)

    def visible(self) -> set[str]:
        return {child.id for child in self.screen.query_one(Dashboard).children if child.display and child.id}


def _waits(node: MessagePump) -> bool:
    """Whether it waits for its next message, which no public name tells. What is removed handles none any more."""
    queue: Any = node._message_queue
    return not node.is_running or (queue.empty() and bool(queue.ready_event._waiters))


Opener = Callable[..., AbstractAsyncContextManager[Driver]]


@pytest.fixture
def opened() -> Opener:
    @asynccontextmanager
    async def open_app(
        experiment: Experiment = SMALL,
        size: tuple[int, int] = (80, 24),
        theme: Theme = "dark",
        config: Config | None = None,
        keys: Keymap = NO_KEYS,
    ) -> AsyncIterator[Driver]:
        app = InitflowApp(experiment, theme, config=config, keys=keys)
        async with app.run_test(size=size, notifications=True) as pilot:
            driver = Driver(app, pilot)
            await driver.settle()
            yield driver

    return open_app

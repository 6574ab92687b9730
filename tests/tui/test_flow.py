"""How frames reach the terminal: an app on a driver that records what it is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import monotonic

import pyte
import pytest
from rich.segment import Segment
from textual.drivers.headless_driver import HeadlessDriver
from textual.messages import TerminalSupportsSynchronizedOutput
from textual.pilot import Pilot
from textual.widgets import Static

from tui_initflow.tui.terminal.flow import DELAY_SECONDS, LOST_SECONDS, QUESTION, WINDOW, Output
from tui_initflow.tui.terminal.frugal_app import FrugalApp

SIZE = (60, 20)


class StuckLine:
    """A line whose terminal takes nothing: what waits stays there."""

    def __init__(self) -> None:
        self.waiting: list[str] = []

    @property
    def has_work(self) -> bool:
        return bool(self.waiting)

    def finishes(self) -> bool:
        return not self.waiting

    def discard(self) -> None:
        self.waiting.clear()


class Terminal(HeadlessDriver):
    """A driver that keeps what it is given."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.sent: list[str] = []
        self.line = StuckLine()

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.sent.append(data)

    def taken(self) -> str:
        """What was sent since the last look."""
        text = "".join(self.sent)
        self.sent.clear()
        return text


class Page(FrugalApp):
    ENABLE_COMMAND_PALETTE = False

    def compose(self):  # type: ignore[no-untyped-def]
        yield Static("first", id="text", markup=False)

    async def say(self, pilot: Pilot[None], text: str) -> str:
        """Change the text; what is sent for it."""
        self.query_one("#text", Static).update(text)
        await pilot.pause()
        return self.terminal.taken()

    @property
    def terminal(self) -> Terminal:
        assert isinstance(self._driver, Terminal)
        return self._driver


Opener = Callable[[], AbstractAsyncContextManager[tuple[Page, Pilot[None]]]]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opener:
    monkeypatch.setenv("COLORTERM", "truecolor")

    @asynccontextmanager
    async def open_page() -> AsyncIterator[tuple[Page, Pilot[None]]]:
        page = Page(driver_class=Terminal)
        async with page.run_test(headless=False, size=SIZE) as pilot:
            await pilot.pause()
            yield page, pilot

    return open_page


def lines(text: str) -> list[str]:
    """What a terminal shows that was sent this."""
    screen = pyte.Screen(*SIZE)
    pyte.Stream(screen).feed(text.replace(QUESTION, ""))
    return [line.rstrip() for line in screen.display]


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    while not condition():
        await pilot.pause(0.01)


async def answers(page: Page, pilot: Pilot[None]) -> None:
    """The terminal answers a question."""
    page.post_message(TerminalSupportsSynchronizedOutput())
    await pilot.pause()


NOISE = ["".join(chr(0x4E00 + (7 * x + y) % 999) for x in range(WINDOW // 3)) for y in range(5)]
"""Texts of which each fills the window alone."""


async def test_the_first_paint_is_one_and_whole(opened: Opener) -> None:
    async with opened() as (page, _):
        screens = [text for text in page.terminal.sent if "first" in text]

        assert len(screens) == 1
        assert lines(screens[0])[0] == "first"


async def test_only_the_difference_is_sent(opened: Opener) -> None:
    async with opened() as (page, pilot):
        start = page.terminal.taken()
        change = await page.say(pilot, "fist")

        assert "fir" not in change
        assert lines(start + change)[0] == "fist"
        assert await page.say(pilot, "fist") == ""


async def test_the_whole_screen_on_request(opened: Opener) -> None:
    async with opened() as (page, pilot):
        page.terminal.taken()
        page.action_redraw()
        await pilot.pause()

        assert lines(page.terminal.taken())[0] == "first"


async def test_what_the_line_cannot_take_is_skipped(opened: Opener) -> None:
    async with opened() as (page, pilot):
        sent = page.terminal.taken()
        page.terminal.line.waiting.append("a frame that is still being sent")
        assert [await page.say(pilot, text) for text in ("second", "third", "fourth")] == ["", "", ""]
        page.terminal.line.waiting.clear()
        await until(pilot, lambda: page.terminal.sent)

        newest = page.terminal.taken()
        assert lines(sent + newest)[0] == "fourth"
        assert "second" not in newest
        assert "third" not in newest


async def test_a_terminal_that_does_not_answer_is_not_asked(opened: Opener) -> None:
    async with opened() as (page, pilot):
        assert all([QUESTION not in await page.say(pilot, text) for text in NOISE])


async def test_no_more_than_the_window_is_in_flight(opened: Opener) -> None:
    async with opened() as (page, pilot):
        await answers(page, pilot)
        sent = page.terminal.taken()
        first = await page.say(pilot, NOISE[0])
        sent += first

        assert QUESTION in first
        assert await page.say(pilot, NOISE[1]) == ""
        assert await page.say(pilot, "last") == ""
        await answers(page, pilot)
        newest = page.terminal.taken()
        assert NOISE[1][:9] not in newest
        assert lines(sent + newest)[0] == "last"


async def test_little_in_flight_holds_nothing_back(opened: Opener) -> None:
    async with opened() as (page, pilot):
        await answers(page, pilot)
        page.terminal.taken()
        sent = [await page.say(pilot, f"{i}") for i in range(5)]

        assert all(sent)
        assert "".join(sent).count(QUESTION) == 1, "one question at a time"


async def test_a_lost_answer_does_not_stop_the_screen(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as (page, pilot):
        await answers(page, pilot)
        await page.say(pilot, NOISE[0])
        assert await page.say(pilot, "last") == ""
        now = monotonic()
        monkeypatch.setattr("tui_initflow.tui.terminal.flow.monotonic", lambda: now + LOST_SECONDS + 1)
        await until(pilot, lambda: page.terminal.sent)

        assert "last" in page.terminal.taken()


async def test_quitting_waits_for_nothing(opened: Opener) -> None:
    async with opened() as (page, _):
        page.terminal.taken()
        page.terminal.line.waiting.append("a frame that nobody will see")
        page.exit()
        page.query_one("#text", Static).update("another one")
        terminal = page.terminal

        assert not terminal.line.waiting
    assert "another" not in terminal.taken()


class Clocked:
    """An output whose terminal answers after a given time. Every frame is more than the least window."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr("tui_initflow.tui.terminal.flow.monotonic", lambda: self.now)
        self.output = Output()
        self.output.answered()
        self._frames = 0

    def ahead(self, answered_after: float) -> int:
        """Bytes that are sent before an answer is waited for, which then comes after so many seconds."""
        self._frames += 1
        texts = ("".join(chr(0x4E00 + (self._frames + y + x) % 999) for x in range(100)) for y in range(24))
        rows = ((0, y, [Segment(text)]) for y, text in enumerate(texts))
        self.output.paint(rows, (200, 24), "truecolor")
        sent = 0
        while text := self.output.next(writing=False):
            sent += len(text.encode())
        self.now += answered_after
        self.output.answered()
        return sent


def test_a_fast_line_is_soon_given_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Clocked(monkeypatch)
    ahead = [line.ahead(0.2) for _ in range(6)]

    assert ahead[0] < WINDOW + 500
    assert ahead[-1] > 7_000
    assert line.output.complete


def test_a_slow_line_is_given_what_it_carries_in_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    rate = 12_000
    line = Clocked(monkeypatch)
    line.ahead(0.01)
    ahead = line.ahead(0.01)
    for _ in range(8):
        ahead = line.ahead(max(0.01, ahead / rate))

    assert ahead / rate <= 2 * DELAY_SECONDS

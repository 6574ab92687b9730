"""The story on the whole screen: predict, see the run, go on; or watch it play by itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer

from tui_initflow import lab
from tui_initflow.story.page import Shown, closing, page
from tui_initflow.story.steps import STEPS, SUGGESTIONS, Trial
from tui_initflow.tui.actions import STORY, bindings
from tui_initflow.tui.screens.dialogue import LeftOnce, explain
from tui_initflow.tui.widgets.bars import KeysBar
from tui_initflow.tui.widgets.picture_view import Painter, PictureView
from tui_initflow.tui.workers import Job

if TYPE_CHECKING:
    from tui_initflow.story.outcome import Outcome

PREDICT = "press 1, 2 or 3 · Enter shows it without a guess"
PLAYING = "plays by itself · any key stops it"


class StoryScreen(LeftOnce[Trial | None]):
    """Answers with the settings to try in the lab, if any.

    With a pace, it shows each question and each answer for that many seconds.
    """

    ACTIONS = STORY
    BINDINGS: ClassVar[list[BindingType]] = bindings(STORY)

    def __init__(self, pace: float | None = None, place: lab.Executor | None = None) -> None:
        super().__init__()
        self._pace = pace
        self._place = place
        self._timer: Timer | None = None
        self.shown = Shown(0)
        self._told: dict[int, Shown] = {}
        """The steps whose answer was shown, as they were."""
        self._outcomes: dict[int, Outcome] = {}
        self._job = Job(self, "story", self._ended)
        self._view = PictureView(self._painter(), id="story")

    @property
    def plays(self) -> bool:
        """Whether it goes on by itself, at its pace."""
        return self._pace is not None

    def compose(self) -> ComposeResult:
        yield self._view
        yield KeysBar(STORY)

    def on_mount(self) -> None:
        self._go_to(Shown(0))

    def on_unmount(self) -> None:
        self._job.drop()

    @property
    def busy(self) -> bool:
        return self._job.busy

    def on_key(self) -> None:
        self._stop_playing()

    def on_click(self) -> None:
        self._stop_playing()

    # what is asked for

    def action_predict(self, guess: int) -> None:
        if self.shown.is_end:
            self.dismiss(SUGGESTIONS[guess])
        elif not self.shown.is_told:
            self._tell(guess)

    def action_go_on(self) -> None:
        if self.shown.is_end:
            self.action_leave()
        elif self.shown.is_told:
            self._turn(1)
        else:
            self._tell(None)

    def action_previous_step(self) -> None:
        self._turn(-1)

    def action_next_step(self) -> None:
        self._turn(1)

    def _turn(self, by: int) -> None:
        index = self.shown.index + by
        if 0 <= index <= len(STEPS):
            self._go_to(self._told.get(index, Shown(index)))

    def action_scroll(self, rows: int) -> None:
        self._view.scroll_relative(y=rows, animate=False)

    def action_try_step(self) -> None:
        if not self.shown.is_end:
            self._job.drop()
            self.dismiss(self.shown.step)

    def action_leave(self) -> None:
        self._job.drop()
        self.dismiss(None)

    def action_explain(self) -> None:
        if not self.shown.is_end:
            explain(self, self.shown.step.pane)

    # what is shown

    def _tell(self, guess: int | None) -> None:
        self.shown = Shown(self.shown.index, guess, is_told=True)
        self._told[self.shown.index] = self.shown
        self._draw()

    def _go_to(self, shown: Shown) -> None:
        self.shown = shown
        if not shown.is_end and shown.index not in self._outcomes:
            self._job.start(partial(self._play, shown.index))
        self._draw()

    async def _play(self, index: int) -> None:
        async def show(progress: lab.Progress[object]) -> None:
            self._draw(progress.text)

        def played(*work: Any) -> Outcome | None:
            # which loads numpy
            from tui_initflow.story.outcome import play

            return play(STEPS[index], *work, place=self._place)

        outcome = await self._job.follow(played, show)
        if outcome is not None:
            self._outcomes[index] = outcome
        self._draw()

    def _ended(self, problem: str) -> None:
        if problem:
            self._view.show(self._painter(problem))

    def _draw(self, computed: str = "drawing weights") -> None:
        self._view.show(self._painter(computed))
        is_complete = self.shown.index in self._outcomes or not self.shown.is_told
        if self._pace is not None and is_complete and self._timer is None:
            self._timer = self.set_timer(self._pace, self._play_on)

    def _painter(self, computed: str = "") -> Painter:
        if self.shown.is_end:
            return closing
        hint = f"{computed} …" if self.shown.is_told else PREDICT if self._pace is None else PLAYING
        return partial(page, self.shown, self._outcomes.get(self.shown.index), hint)

    # playing by itself

    def _play_on(self) -> None:
        self._timer = None
        if self.shown.is_end:
            self._told.clear()
            self._go_to(Shown(0))
        elif self.shown.is_told:
            self._turn(1)
        else:
            self._tell(None)

    def _stop_playing(self) -> None:
        self._pace = None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._draw()

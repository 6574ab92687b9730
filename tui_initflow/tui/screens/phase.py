"""Maps of settings on the whole screen: they fill while they are computed, a cursor reads cells, Enter uses one."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import BindingType

from tui_initflow import lab
from tui_initflow.model.experiment import Experiment
from tui_initflow.model.pair import Side
from tui_initflow.model.settings import SettingError
from tui_initflow.model.training import TrainingSettings
from tui_initflow.pages.chrome import explained, message
from tui_initflow.tui.actions import PHASE, bindings
from tui_initflow.tui.screens.dialogue import LeftOnce, explain
from tui_initflow.tui.widgets.bars import KeysBar, StatusLine
from tui_initflow.tui.widgets.picture_view import PictureView
from tui_initflow.tui.workers import Job

if TYPE_CHECKING:
    from tui_initflow.findings.learning import TrainedMap
    from tui_initflow.pages.phase import PhaseChart
    from tui_initflow.pages.train import TrainedChart

Shown = Literal["a", "b", "ratio", "trained"]
SHOWN: tuple[Shown, ...] = ("a", "b", "ratio", "trained")
"""The gradient of a method, their ratio, and the accuracy that the focused method is trained to."""
PLANES: tuple[lab.Axes, ...] = (("gain", "layers"), ("neurons", "layers"))


class PhaseScreen(LeftOnce[Experiment | None]):
    """Answers with the settings of the cell chosen, None if it was cancelled."""

    ACTIONS = PHASE
    BINDINGS: ClassVar[list[BindingType]] = bindings(PHASE)

    def __init__(
        self, experiment: Experiment, side: Side, training: TrainingSettings, place: lab.Executor | None = None
    ) -> None:
        super().__init__()
        self._experiment = experiment
        self._side = side
        self._settings = training
        self._place = place
        self._shown: Shown = side
        self._axes = PLANES[0]
        self._grid: lab.GridResult | None = None
        self._trained: TrainedMap | None = None
        self._cursor: lab.Cell | None = None
        self._job = Job(self, "phase chart", self._ended)
        self._training = Job(self, "trainability map", self._ended)
        self._view = PictureView(partial(message, ""), id="phase")
        self._status = StatusLine("computing", id="phase-status")

    def compose(self) -> ComposeResult:
        yield self._view
        yield self._status
        yield KeysBar(PHASE)

    def on_screen_resume(self) -> None:
        if self._grid is None and not self._job.busy:
            # the grid is made for the size there is
            self.call_after_refresh(self._start)

    def on_unmount(self) -> None:
        self.action_stop()

    @property
    def busy(self) -> bool:
        return self._job.busy or self._training.busy

    @property
    def _chart(self) -> PhaseChart | TrainedChart | None:
        """What is shown, as far as it is computed."""
        from tui_initflow.pages.phase import PhaseChart
        from tui_initflow.pages.train import TrainedChart

        if self._shown == "trained":
            return None if self._trained is None else TrainedChart(self._trained)
        return None if self._grid is None else PhaseChart(self._experiment, self._grid, self._shown)

    def _start(self) -> None:
        self._grid = self._cursor = None
        self._job.start(self._compute)

    async def _compute(self) -> None:
        from tui_initflow.pages.phase import cells_for

        async def show(progress: lab.Progress[lab.GridResult]) -> None:
            self._grid = progress.partial()
            self._draw(progress.text, progress.fraction)

        experiment, axes, size, place = self._experiment, self._axes, cells_for(*self._view.size), self._place
        try:
            plane = lambda *work: lab.plane(experiment, axes, size, *work, place=place)  # noqa: E731
            self._grid = await self._job.follow(plane, show)
        except SettingError as error:
            self._view.show(partial(explained, str(error)))
            raise
        self._draw()

    async def _train(self) -> None:
        async def show(progress: lab.Progress[TrainedMap]) -> None:
            self._trained = progress.partial()
            self._draw(progress.text, progress.fraction)

        experiment, side, settings, place = self._experiment, self._side, self._settings, self._place

        def train(cancel: threading.Event, report: lab.Report[Any]) -> TrainedMap | None:
            data = lab.load_data(settings.data, cancel)
            if data is None:
                return None
            return lab.train_map(experiment, side, settings, data, cancel, report, place=place)

        try:
            complete = await self._training.follow(train, show)
        except SettingError as error:
            self._view.show(partial(explained, str(error)))
            raise
        if complete is None:
            return
        self._trained = complete
        self._draw()
        trained = complete.trained
        if not trained.is_complete:
            self._status.say(f"stopped after {trained.done} of {trained.accuracy.size} cells; v comes back and goes on")

    def _ended(self, problem: str) -> None:
        if problem:
            self._status.refuse(problem)

    def _draw(self, progress: str = "", fraction: float = 0.0) -> None:
        chart = self._chart
        self._view.show(partial(message, "") if chart is None else partial(chart.draw, self._cursor))
        if progress:
            self._status.progress(progress, fraction)
        elif chart is not None:
            self._status.say("arrows read a cell, Enter uses its settings")

    def action_move(self, columns: int, rows: int) -> None:
        chart = self._chart
        if chart is None:
            return
        height, width = chart.shape
        here = self._cursor or chart.place or lab.Cell(width // 2, height // 2)
        self._cursor = lab.Cell(min(max(here.column + columns, 0), width - 1), min(max(here.row + rows, 0), height - 1))
        self._draw()

    def action_next_shown(self) -> None:
        before, self._shown = self._shown, SHOWN[(SHOWN.index(self._shown) + 1) % len(SHOWN)]
        if "trained" in (before, self._shown):
            # the maps have cells of their own
            self._cursor = None
        is_complete = self._trained is not None and self._trained.trained.is_complete
        if self._shown == "trained" and not is_complete and not self._training.busy:
            self._status.say("training")
            self._training.start(self._train)
        self._draw()

    def action_next_plane(self) -> None:
        if self._shown == "trained":
            self._status.say("networks are trained over gain and depth; v goes on to the gradient")
            return
        self._axes = PLANES[(PLANES.index(self._axes) + 1) % len(PLANES)]
        self._start()

    def action_stop(self) -> None:
        self._job.stop()
        self._training.stop()

    def action_explain(self) -> None:
        explain(self, "trained" if self._shown == "trained" else "phase")

    def action_leave(self) -> None:
        self._answer(None)

    def action_adopt(self) -> None:
        chart = self._chart
        if chart is None or self._cursor is None:
            return
        try:
            self._answer(self._experiment.with_(**chart.settings(self._cursor)))
        except SettingError as error:
            self._status.refuse(str(error))

    def _answer(self, experiment: Experiment | None) -> None:
        self._job.drop()
        self._training.drop()
        self.dismiss(experiment)

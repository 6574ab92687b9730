"""The phase chart on the whole screen: it fills while it computes, a cursor reads cells, Enter uses one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from tui_initflow.model.experiment import Experiment
from tui_initflow.model.settings import SettingError
from tui_initflow.pages.chrome import message
from tui_initflow.tui import workers
from tui_initflow.tui.actions import PHASE, bindings
from tui_initflow.tui.screens.dialogue import LeftOnce
from tui_initflow.tui.widgets.bars import StatusLine, keys_of
from tui_initflow.tui.widgets.picture_view import PictureView

if TYPE_CHECKING:
    from tui_initflow.engine.finals import PartProgress
    from tui_initflow.engine.grid import GridResult
    from tui_initflow.engine.grid_plan import Axes, Cell, Quantity

QUANTITIES: tuple[Quantity, ...] = ("a", "b", "ratio")
PLANES: tuple[Axes, ...] = (("gain", "layers"), ("neurons", "layers"))


class PhaseScreen(LeftOnce[Experiment | None]):
    """Answers with the settings of the cell chosen, None if it was cancelled."""

    ACTIONS = PHASE
    BINDINGS: ClassVar[list[BindingType]] = bindings(PHASE)

    def __init__(self, experiment: Experiment, quantity: Quantity) -> None:
        super().__init__()
        self._experiment = experiment
        self._quantity = quantity
        self._axes = PLANES[0]
        self._result: GridResult | None = None
        self._cursor: Cell | None = None
        self._job = workers.Job(self, "phase chart", self._ended)
        self._chart = PictureView(partial(message, ""), id="phase")
        self._status = StatusLine("computing", id="phase-status")

    def compose(self) -> ComposeResult:
        yield self._chart
        yield self._status
        yield keys_of(PHASE)

    def on_screen_resume(self) -> None:
        if self._result is None and not self._job.busy:
            # the grid is made for the size there is
            self.call_after_refresh(self._start)

    def on_unmount(self) -> None:
        self._job.stop()

    @property
    def busy(self) -> bool:
        return self._job.busy

    def _start(self) -> None:
        self._result = self._cursor = None
        self._job.start(self._compute)

    async def _compute(self) -> None:
        from tui_initflow.pages.phase import cells_for

        async def show(update: PartProgress[GridResult]) -> None:
            self._status.progress(f"{update.done} of {update.total} cells", update.fraction)
            self._show(update.partial)

        columns, rows = cells_for(*self._chart.size)
        plane = partial(workers.simulate_plane, self._experiment, self._axes, columns, rows)
        self._show(await self._job.follow(plane, show))
        self._status.say("arrows read a cell, Enter uses its settings")

    def _show(self, result: GridResult) -> None:
        self._result = result
        self._draw()

    def _ended(self, problem: str) -> None:
        if problem:
            self._status.refuse(problem)

    def _draw(self) -> None:
        from tui_initflow.pages.phase import phase

        if self._result is not None:
            self._chart.show(partial(phase, self._experiment, self._result, self._quantity, self._cursor))

    def action_move(self, columns: int, rows: int) -> None:
        from tui_initflow.engine.grid_plan import Cell

        if self._result is None:
            return
        plan = self._result.plan
        height, width = plan.shape
        here = self._cursor or plan.place(self._experiment, self._quantity) or Cell(width // 2, height // 2)
        self._cursor = Cell(min(max(here.column + columns, 0), width - 1), min(max(here.row + rows, 0), height - 1))
        self._draw()

    def action_next_quantity(self) -> None:
        self._quantity = QUANTITIES[(QUANTITIES.index(self._quantity) + 1) % len(QUANTITIES)]
        self._draw()

    def action_next_plane(self) -> None:
        self._axes = PLANES[(PLANES.index(self._axes) + 1) % len(PLANES)]
        self._start()

    def action_stop(self) -> None:
        self._job.stop()

    def action_leave(self) -> None:
        self._job.drop()
        self.dismiss(None)

    def action_adopt(self) -> None:
        if self._result is None or self._cursor is None:
            return
        try:
            chosen = self._experiment.with_(**self._result.plan.settings(self._cursor, self._quantity))
        except SettingError as error:
            self._status.refuse(str(error))
            return
        self._job.drop()
        self.dismiss(chosen)

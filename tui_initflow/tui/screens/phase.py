"""The phase chart on the whole screen: it fills while it computes, a cursor reads cells out, Enter uses one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_initflow.model.experiment import Experiment, SettingError
from tui_initflow.tui import workers as jobs
from tui_initflow.tui.screens.left_once import LeftOnce
from tui_initflow.tui.widgets.actions_bar import message, progress, refusal
from tui_initflow.tui.widgets.keys_bar import KeysBar
from tui_initflow.tui.widgets.picture_view import PictureView

if TYPE_CHECKING:
    from tui_initflow.engine.grid import Axes, Cell, PhaseResult, Quantity

QUANTITIES: tuple[Quantity, ...] = ("a", "b", "ratio")
KEYS = (
    ("enter", "Use cell", "adopt"),
    ("v", "A, B or ratio", "next_quantity"),
    ("g", "Gain or width", "next_plane"),
    ("s", "Stop", "stop"),
    ("esc", "Back", "leave"),
    ("?", "Help", "app.help"),
)
PLANES: tuple[Axes, ...] = (("gain", "layers"), ("neurons", "layers"))


class PhaseScreen(LeftOnce[dict[str, Any] | None]):
    """Answers with the settings of the cell chosen, None when it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1, 0)", show=False),
        Binding("right", "move(1, 0)", show=False),
        Binding("up", "move(0, 1)", show=False),
        Binding("down", "move(0, -1)", show=False),
        Binding("shift+left", "move(-5, 0)", show=False),
        Binding("shift+right", "move(5, 0)", show=False),
        Binding("shift+up", "move(0, 5)", show=False),
        Binding("shift+down", "move(0, -5)", show=False),
        Binding("enter", "adopt", "Use cell"),
        Binding("v", "next_quantity", "A, B or ratio"),
        Binding("g", "next_plane", "Gain or width"),
        Binding("s", "stop", "Stop"),
        Binding("escape,p", "leave", "Back"),
        Binding("question_mark", "app.help", "Help"),
    ]

    def __init__(self, experiment: Experiment, quantity: Quantity) -> None:
        super().__init__()
        self._experiment = experiment
        self._quantity = quantity
        self._axes = PLANES[0]
        self._result: PhaseResult | None = None
        self._cursor: Cell | None = None
        self._job = jobs.Job(self, "phase")

    def compose(self) -> ComposeResult:
        yield PictureView(partial(message, ""), id="phase")
        yield PictureView(partial(message, "computing"), id="phase-status")
        yield KeysBar(KEYS)

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
        from tui_initflow.pages.phase import cells_for

        size = self.query_one("#phase", PictureView).size
        columns, rows = cells_for(size.width, size.height)
        self._result = self._cursor = None
        self._job.start(partial(jobs.phase_job, self.post_message, self._experiment, self._axes, columns, rows))

    @on(jobs.PhaseProgressed)
    def _progressed(self, event: jobs.PhaseProgressed) -> None:
        if event.ticket == self._job.ticket:
            self._result = event.result
            self._say(partial(progress, f"{event.done} of {event.total} cells", event.fraction))
            self._draw()

    @on(jobs.PhaseFinished)
    def _finished(self, event: jobs.PhaseFinished) -> None:
        if event.ticket == self._job.ticket:
            self._job.busy = False
            self._result = event.result
            self._say(partial(message, "arrows read a cell out, enter uses its settings"))
            self._draw()

    @on(jobs.JobFailed)
    def _failed(self, event: jobs.JobFailed) -> None:
        if event.ticket == self._job.ticket:
            self._job.busy = False
            self._say(partial(refusal, event.short))
            self.notify(event.long, title="The phase chart failed", severity="error", timeout=20, markup=False)

    def _say(self, painter: Any) -> None:
        self.query_one("#phase-status", PictureView).show(painter)

    def _draw(self) -> None:
        from tui_initflow.pages.phase import phase

        if self._result is not None:
            painter = partial(phase, self._experiment, self._result, self._quantity, self._cursor)
            self.query_one("#phase", PictureView).show(painter)

    def action_move(self, columns: int, rows: int) -> None:
        from tui_initflow.engine.grid import Cell

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
        settings = self._result.plan.settings(self._cursor, self._quantity)
        try:
            self._experiment.with_(**settings)
        except SettingError as error:
            self._say(partial(refusal, str(error)))
            return
        self._job.drop()
        self.dismiss(settings)

"""A sweep chart with a cursor: moving along it reads a point out, Enter adopts its value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui_initflow.model.experiment import Experiment
from tui_initflow.pages.empty import no_sweep
from tui_initflow.tui.widgets.picture_view import PictureView

if TYPE_CHECKING:
    from tui_initflow.engine.sweep import SweepResult


class SweepView(PictureView, can_focus=True):
    """The sweep over one setting."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Previous point", show=False),
        Binding("right", "move(1)", "Next point", show=False),
        Binding("shift+left", "move(-10)", "Ten points back", show=False),
        Binding("shift+right", "move(10)", "Ten points on", show=False),
        Binding("home", "move(-1000)", "First point", show=False),
        Binding("end", "move(1000)", "Last point", show=False),
        Binding("enter", "adopt", "Use this value", show=False),
    ]

    @dataclass
    class Adopted(Message):
        """Enter on a point: use its value."""

        setting: str
        value: int

    def __init__(self, over: str, experiment: Experiment, *, id: str) -> None:
        super().__init__(partial(no_sweep, experiment, over), id=id)
        self.over = over
        self._experiment = experiment
        self._result: SweepResult | None = None
        self._cursor: int | None = None

    def show_sweep(self, experiment: Experiment, result: SweepResult | None) -> None:
        self._experiment, self._result = experiment, result
        self._update()

    def _update(self) -> None:
        if self._result is None or not self._result.points:
            self.show(partial(no_sweep, self._experiment, self.over))
            return
        from tui_initflow.pages.sweeps import sweep

        cursor = self._cursor if self.has_focus else None
        self.show(partial(sweep, self._experiment, self.over, self._result, cursor))

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        if has_focus and self._cursor is None:
            self._cursor = self._index_of(getattr(self._experiment, self.over))
        self._update()

    def _index_of(self, value: int) -> int:
        values = [point.value for point in self._result.points] if self._result else []
        return values.index(value) if value in values else 0

    def action_move(self, by: int) -> None:
        if self._result is None or not self._result.points:
            return
        last = len(self._result.points) - 1
        self._cursor = min(max((self._cursor or 0) + by, 0), last)
        self._update()

    def action_adopt(self) -> None:
        if self._result is not None and self._result.points and self._cursor is not None:
            point = self._result.points[min(self._cursor, len(self._result.points) - 1)]
            self.post_message(self.Adopted(self.over, point.value))

"""A sweep chart with a cursor: arrows read a point, Enter adopts its value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui_initflow.pages.panes import no_sweep
from tui_initflow.tui.session import Session
from tui_initflow.tui.widgets.picture_view import PictureView


class SweepView(PictureView, can_focus=True):
    """The session's sweep over one setting."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Previous point", show=False),
        Binding("right", "move(1)", "Next point", show=False),
        Binding("shift+left", "move(-10)", "Ten points back", show=False),
        Binding("shift+right", "move(10)", "Ten points forward", show=False),
        Binding("home", "move(-1000)", "First point", show=False),
        Binding("end", "move(1000)", "Last point", show=False),
        Binding("enter", "adopt", "Use this value", show=False),
    ]

    @dataclass
    class Adopted(Message):
        """Enter was pressed on a point."""

        setting: str
        value: int

    def __init__(self, over: str, session: Session, *, id: str) -> None:
        super().__init__(partial(no_sweep, session.experiment, over), id=id)
        self.over = over
        self._session = session
        self._cursor: int | None = None

    def update_sweep(self) -> None:
        """Show what the session has of the sweep."""
        experiment, result = self._session.experiment, self._session.sweeps.get(self.over)
        if result is None or not result.points:
            self.show(partial(no_sweep, experiment, self.over))
            return
        from tui_initflow.pages.sweeps import sweep

        self.show(partial(sweep, result, experiment, self._cursor if self.has_focus else None))

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        if has_focus and self._cursor is None:
            values = self._values()
            current = getattr(self._session.experiment, self.over)
            self._cursor = values.index(current) if current in values else 0
        self.update_sweep()

    def _values(self) -> list[int]:
        result = self._session.sweeps.get(self.over)
        return [] if result is None else [point.value for point in result.points]

    def action_move(self, by: int) -> None:
        values = self._values()
        if values:
            self._cursor = min(max((self._cursor or 0) + by, 0), len(values) - 1)
            self.update_sweep()

    def action_adopt(self) -> None:
        values = self._values()
        if values and self._cursor is not None:
            self.post_message(self.Adopted(self.over, values[min(self._cursor, len(values) - 1)]))

"""A sweep chart with a cursor: arrows or the mouse read a point, Enter or another click adopts its value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tui_initflow.lab.session import Session
from tui_initflow.pages.panes import no_sweep
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
        """Enter was pressed on a point, or the point that was read was clicked."""

        setting: str
        value: int

    def __init__(self, over: str, session: Session, *, id: str) -> None:
        super().__init__(partial(no_sweep, session.experiment, over), id=id)
        self.over = over
        self._session = session
        self._cursor: int | None = None
        self._pressed_on: int | None = None
        """The point that was read when the mouse was pressed, None where a click shall not adopt it."""
        self._was_read = False

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
        # the click that gives the focus reads
        self._was_read = False
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
            self._read(min(max((self._cursor or 0) + by, 0), len(values) - 1))

    def _read(self, index: int) -> None:
        self._was_read = True
        if index != self._cursor:
            self._cursor = index
            self.update_sweep()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._pressed_on = self._cursor if self._was_read else None
        self.capture_mouse()
        self._read_under(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            before = self._cursor
            self._read_under(event)
            if self._cursor != before:
                # a drag that returns to where it began adopts nothing
                self._pressed_on = None

    def on_mouse_up(self) -> None:
        self.release_mouse()
        if self._pressed_on is not None and self._pressed_on == self._cursor:
            self.action_adopt()
        self._pressed_on = None

    def _read_under(self, event: events.MouseEvent) -> None:
        """Read the point under the mouse."""
        result = self._session.sweeps.get(self.over)
        if result is None or not result.points or self.drawn_at is None:
            return
        from tui_initflow.pages.sweeps import point_at

        self._read(point_at(result, self._session.experiment, event.x - self.gutter.left, *self.drawn_at))

    def action_adopt(self) -> None:
        values = self._values()
        if values and self._cursor is not None:
            self.post_message(self.Adopted(self.over, values[min(self._cursor, len(values) - 1)]))

"""The body of the screen: all parts side by side in one container that places them by the size it has."""

from __future__ import annotations

from textual import events
from textual.containers import ScrollableContainer
from textual.geometry import Size
from textual.layout import Layout

from tui_initflow.tui.regions import PANES, BodyLayout, regions, tabbed_panes
from tui_initflow.tui.widgets.pane_tabs import PaneTabs
from tui_initflow.tui.widgets.picture_view import PictureView
from tui_initflow.tui.widgets.sweep_view import SweepView


class Pane(PictureView, can_focus=True):
    """A pane that scrolls with the arrow keys when it is taller than its place."""


class Body(ScrollableContainer, can_focus=False):
    """Knows which pane is chosen and which part is zoomed, and shows what has a place."""

    def __init__(self) -> None:
        super().__init__()
        self._placement = BodyLayout()
        self.pane = PANES[0]
        self.zoomed: str | None = None

    @property
    def layout(self) -> Layout:
        return self._placement

    def on_mount(self) -> None:
        # before the first layout, so that the first paint is not of another one; a line is the keys'
        width, height = self.app.size
        self._place(Size(width, height - 1))

    def on_resize(self, _event: events.Resize) -> None:
        self.place()

    def choose(self, pane: str) -> None:
        """Bring a pane to the front and give it the focus, so that the arrow keys scroll it."""
        self.pane = pane
        target = self._target(pane)
        if self.zoomed is not None:
            self.zoomed = target
        self.place()
        self.query_one(f"#{target}").focus()

    def toggle_zoom(self) -> None:
        self.zoomed = None if self.zoomed else (self._focused_pane() or self._target(self.pane))
        self.place()

    def _focused_pane(self) -> str | None:
        focused = self.screen.focused
        return focused.id if isinstance(focused, SweepView | Pane) else None

    def _target(self, pane: str) -> str:
        """The id of the part that stands for a pane."""
        if pane != "sweeps":
            return pane
        focused = self._focused_pane()
        return focused if focused is not None and focused.startswith("sweep-") else "sweep-layers"

    def place(self) -> None:
        """Lay out for the size, the chosen pane and the zoom there are now."""
        self._place(self.size)

    def _place(self, size: Size) -> None:
        placed = regions(size, self.pane, self.zoomed)
        if placed != self._placement.regions:
            self._placement.regions = placed
            for child in self.children:
                child.display = child.id in placed
            self.refresh(layout=True)
        panes = tabbed_panes(size)
        if panes:
            active = self.pane if self.pane in panes else panes[0]
            self.query_one(PaneTabs).offer(panes, active)

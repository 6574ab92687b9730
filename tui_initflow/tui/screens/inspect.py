"""A checkpoint on the whole screen: its tensors, one of them in full, and what becomes of a gradient in its weights."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Input

from tui_initflow import lab
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.model.experiment import Experiment
from tui_initflow.pages.chrome import Link, message, tabs
from tui_initflow.pages.panes import CHECKPOINT_VIEWS
from tui_initflow.tui.actions import INSPECT, bindings
from tui_initflow.tui.screens.dialogue import LeftOnce, explain
from tui_initflow.tui.widgets.bars import KeysBar, LinkBar, StatusLine
from tui_initflow.tui.widgets.dashboard import PaneView
from tui_initflow.tui.widgets.picture_view import Painter, PictureView
from tui_initflow.tui.workers import Job

if TYPE_CHECKING:
    from tui_initflow.findings.inspection import Inspection, TensorFinding

PAUSE = 0.15
"""Seconds on a tensor before it is read again for its histogram."""
HELD_UP = "arrows choose a tensor, Enter shows it, / filters, o sorts"


class InspectScreen(LeftOnce[None]):
    """Measures a file when it opens."""

    ACTIONS = INSPECT
    BINDINGS: ClassVar[list[BindingType]] = bindings(INSPECT)

    def __init__(self, path: Path, template: Experiment) -> None:
        super().__init__()
        self._path = path
        self._template = template
        self._inspection: Inspection | None = None
        self._listed: tuple[TensorFinding, ...] = ()
        """The tensors that the filter lets through, as they are sorted."""
        self._histograms: dict[str, lab.TensorHistogram] = {}
        self._view = "tensors"
        self._cursor = 0
        self._sort = "name"
        self._pause: Timer | None = None
        self._job = Job(self, "checkpoint", self._ended)
        self._reading = Job(self, "histogram", self._ended)
        links = [_link(view) for view in CHECKPOINT_VIEWS]
        self._heading = PictureView(partial(message, path.name), id="inspect-heading")
        self._tabs = LinkBar(links, partial(tabs, links, _link("tensors")[1]), id="inspect-tabs")
        self._table = PictureView(partial(message, ""), id="inspect-table")
        self._distribution = PictureView(partial(message, ""), id="inspect-distribution")
        self._page = PaneView(partial(message, ""), id="inspect-page")
        self._filter = Input(placeholder="part of a name, or a pattern such as *.weight", compact=True, id="filter")
        self._status = StatusLine("opening", id="inspect-status")

    def compose(self) -> ComposeResult:
        yield self._heading
        yield self._tabs
        with Vertical(id="inspect-body"):
            yield self._table
            yield self._distribution
            yield self._page
        yield self._filter
        yield self._status
        yield KeysBar(INSPECT)

    def on_mount(self) -> None:
        self._filter.display = False
        self._page.display = False
        self._job.start(self._inspect)

    def on_unmount(self) -> None:
        self.action_stop()

    @property
    def busy(self) -> bool:
        return self._job.busy or self._reading.busy or self._pause is not None

    async def _inspect(self) -> None:
        async def show(progress: lab.Progress[object]) -> None:
            self._status.progress(progress.text, progress.fraction)

        path, template = self._path, self._template

        def inspect(cancel: threading.Event, report: Callable[[lab.Progress[object]], None]) -> Inspection | str:
            try:
                checkpoint = lab.opened(path, cancel)
                if checkpoint is None:
                    return "stopped while the file was opened"
                return lab.inspect(checkpoint, template, TRAINABLE, cancel, report)
            except lab.CheckpointError as error:
                return str(error)

        found = await self._job.follow(inspect, show)
        if isinstance(found, str):
            self._status.refuse(found)
            return
        from tui_initflow.pages.tensors import heading

        self._inspection = found
        self._heading.show(partial(heading, found))
        stopped = self._job.stopped and len(found.tensors) < found.total
        self._status.say(f"stopped after {len(found.tensors):,} of {found.total:,} tensors" if stopped else HELD_UP)
        self._list()

    def _ended(self, problem: str) -> None:
        if problem:
            self._status.refuse(problem)

    # what is shown

    @property
    def _chosen(self) -> TensorFinding | None:
        return self._listed[self._cursor] if self._listed else None

    def _list(self) -> None:
        """Filter and sort again."""
        if self._inspection is None:
            return
        from tui_initflow.findings.inspection import filtered, sorted_by

        before = self._chosen
        shown = filtered(self._inspection.tensors, self._filter.value.strip())
        self._listed = shown if self._sort == "name" else sorted_by(shown, self._sort)
        self._cursor = self._listed.index(before) if before in self._listed else 0
        self._draw()

    def _draw(self) -> None:
        from tui_initflow.pages.tensors import distribution, table, tensor

        if self._inspection is None:
            return
        one = self._chosen
        drawn = None if one is None else self._histograms.get(one.measured.name)
        in_table = self._view == "tensors"
        self._table.display = self._distribution.display = in_table
        self._page.display = not in_table
        if in_table:
            self._table.show(partial(table, self._listed, self._cursor, self._sort))
            if one is not None:
                self._distribution.show(partial(distribution, one, drawn))
        elif self._view == "tensor":
            self._page.show(partial(message, "no tensor") if one is None else partial(tensor, one, drawn))
        else:
            self._page.show(self._pane(self._view))
        if one is not None and drawn is None and self._view in ("tensors", "tensor"):
            self._read_soon()

    def _pane(self, pane: str) -> Painter:
        """The pane of the weights that chain, or why there is none."""
        from tui_initflow.pages.panes import layer_painters
        from tui_initflow.pages.rows import paragraph

        inspection = self._inspection
        assert inspection is not None
        layers = inspection.layers
        if layers is not None:
            return layer_painters(layers)[pane]
        return lambda width, _height, _palette: paragraph(f"No chain: {inspection.no_chain}.", width)

    def _read_soon(self) -> None:
        """Read the chosen tensor for its histogram, once the cursor rests."""
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._read)

    def _read(self) -> None:
        self._pause = None
        self._reading.start(self._histogram)

    async def _histogram(self) -> None:
        one = self._chosen
        if one is None:
            return
        drawn = await self._reading.follow(lambda cancel, _: lab.bins_of(one.measured, cancel))
        if isinstance(drawn, str):
            self._status.refuse(drawn)
        elif drawn is not None:
            self._histograms[one.measured.name] = drawn
            self._draw()

    # what keys ask for

    def action_view(self, view: str) -> None:
        self._view = view
        links = [_link(name) for name in CHECKPOINT_VIEWS]
        self._tabs.offer(links, partial(tabs, links, _link(view)[1]))
        self._draw()
        self._page.focus() if self._page.display else self.set_focus(None)

    def action_move(self, by: int) -> None:
        self._choose(self._cursor + by)

    def action_page(self, by: int) -> None:
        self._choose(self._cursor + by * max(1, self._table.size.height - 1))

    def action_end(self, by: int) -> None:
        self._choose(0 if by < 0 else len(self._listed) - 1)

    def _choose(self, at: int) -> None:
        if self._listed:
            self._cursor = min(max(at, 0), len(self._listed) - 1)
            self._draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # other views scroll with these keys
        return action not in ("move", "page", "end") or self._view == "tensors"

    def action_next_sort(self) -> None:
        from tui_initflow.pages.tensors import SORTABLE

        self._sort = SORTABLE[(SORTABLE.index(self._sort) + 1) % len(SORTABLE)]
        self._list()
        self._status.say("in the file's order" if self._sort == "name" else f"sorted by {self._sort.replace('_', ' ')}")

    def action_filter(self) -> None:
        self._filter.display = True
        self._filter.focus()

    def on_input_changed(self) -> None:
        self._list()

    def on_input_submitted(self) -> None:
        self._end_filter()

    def _end_filter(self) -> None:
        self._filter.display = bool(self._filter.value)
        self.set_focus(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self._table and event.y > 0:
            from tui_initflow.pages.tensors import first_shown

            first = first_shown(len(self._listed), self._cursor, self._table.size.height)
            self._choose(first + event.y - 1)

    def action_explain(self) -> None:
        explain(self, self._view)

    def action_stop(self) -> None:
        self._job.stop()
        self._reading.stop()

    def action_leave(self) -> None:
        """Out of the filter first, then out of one tensor, then back."""
        if self.focused is self._filter:
            self._filter.value = ""
            self._end_filter()
        elif self._view != "tensors":
            self.action_view("tensors")
        else:
            self._job.drop()
            self._reading.drop()
            self.dismiss(None)


def _link(view: str) -> Link:
    return f" {list(CHECKPOINT_VIEWS).index(view) + 1} {CHECKPOINT_VIEWS[view]} ", f"view('{view}')"

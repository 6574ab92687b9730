"""All parts of the main screen above the keys, placed by its size. Shows a session and decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal, ScrollableContainer
from textual.geometry import Size
from textual.layout import Layout
from textual.widgets import Button

from tui_initflow.lab.session import Session
from tui_initflow.model.cost import duration
from tui_initflow.model.experiment import SETTINGS, SIZES
from tui_initflow.pages import chrome
from tui_initflow.pages.chrome import Link, tabs
from tui_initflow.pages.panes import PANES, invitation, painters
from tui_initflow.tui.regions import BodyLayout, regions
from tui_initflow.tui.widgets.bars import LinkBar, StatusLine, TitleBar
from tui_initflow.tui.widgets.number_field import NumberField
from tui_initflow.tui.widgets.picture_view import DrawnAt, Painter, PictureView
from tui_initflow.tui.widgets.sweep_view import SweepView

CUSTOM = "custom"
"""Shown in a field where a list of widths says more than one number could."""
LONG = 10.0
"""Seconds: what takes longer says so before it starts."""
PARTS = tuple(pane for pane in PANES if pane != "sweeps")
"""The panes that are one part; sweeps are three."""


class PaneView(PictureView, can_focus=True):
    """A pane that scrolls with the arrow keys when it is taller than its place."""


class Dashboard(ScrollableContainer, can_focus=False):
    """Knows which pane is chosen and which part is zoomed, and shows the parts that have a place."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._many = Button(f"Run {session.many}x", id="run-many", action="screen.run_many", compact=True)
        self._stop = Button("Stop", action="screen.stop", compact=True, disabled=True)
        self.status = StatusLine(id="status")
        self._placement = BodyLayout()
        self.pane = next(iter(PANES))
        self.zoomed: str | None = None

    def compose(self) -> ComposeResult:
        experiment = self._session.experiment
        yield TitleBar(self._session)
        yield PictureView(partial(chrome.insight, None), id="insight")
        for name in SIZES:
            yield NumberField(SETTINGS[name], getattr(experiment, name) or 1, id=f"field-{name}")
        with Horizontal(id="actions"):
            yield Button("Run 1x", id="run-once", action="screen.run_once", compact=True)
            yield self._many
            yield self._stop
            yield NumberField(SETTINGS["runs"], self._session.many, id="field-runs")
            yield self.status
        yield PictureView(self._waiting("press r to run"), id="banner")
        yield LinkBar((), partial(tabs, (), ""), id="tabs")
        for name in SIZES:
            yield SweepView(name, self._session, id=f"sweep-{name}")
        for pane in PARTS:
            yield PaneView(partial(invitation, pane), id=pane)

    # what is shown

    def show_expected(self) -> None:
        """How many runs the second button does, and how long they will take if that is long."""
        runs = self._session.many
        seconds = self._session.expected_seconds(runs)
        self._many.label = f"Run {runs}x" + (f" ~{duration(seconds)}" if seconds > LONG else "")

    def set_busy(self, busy: bool) -> None:
        self._stop.disabled = not busy

    def show_title(self) -> None:
        self.query_one(TitleBar).update_title()

    def show_changed(self) -> None:
        """Title and banner until the new settings have run."""
        self.show_title()
        self.show_expected()
        self._show("banner", self._waiting("settings changed"))

    def show_running(self) -> None:
        """That there will be a result, where there is none yet."""
        if self._session.summary is None:
            self._show("banner", self._waiting("running"))

    def show_fields(self) -> None:
        """The values of the fields, after a change that did not come from them."""
        experiment = self._session.experiment
        for name in SIZES:
            value = getattr(experiment, name) or experiment.network.widest
            text = str(value) if name in self._session.swept else CUSTOM
            self.query_one(f"#field-{name}", NumberField).show(value, text)
        self.query_one("#field-neurons", NumberField).limit(experiment.most_neurons)

    def show_summary(self, drawn: Mapping[str, Painter] | None = None) -> None:
        """The runs on every page, by painters that have drawn them already if these are given, or what it will show."""
        summary = self._session.summary
        self._show("insight", partial(chrome.insight, summary))
        if summary is None:
            self.show_changed()
            shown: Mapping[str, Painter] = {pane: partial(invitation, pane) for pane in PARTS if pane != "train"}
        else:
            self._show("banner", partial(chrome.result, summary, kept=self._session.kept))
            shown = drawn or painters(summary, self._session.kept)
        for pane, painter in shown.items():
            self._show(pane, painter)

    def show_training(self, painter: Painter | None = None) -> None:
        """What is trained so far; beside the field, that the data has features of its own."""
        self._show("train", painter or partial(invitation, "train"))
        result, features = self._session.training, self.query_one("#field-features", NumberField)
        if result is None or result.experiment.features == self._session.experiment.features:
            features.note("")
        else:
            features.note(f"trained: {result.experiment.features}")

    def drawn_at(self) -> Mapping[str, DrawnAt]:
        """The size and the palette that every pane on the screen was last drawn at."""
        views = {pane: self.query_one(f"#{pane}", PictureView) for pane in PARTS}
        return {pane: view.drawn_at for pane, view in views.items() if view.drawn_at and view.is_on_screen}

    def show_sweep(self, over: str) -> None:
        self.query_one(f"#sweep-{over}", SweepView).update_sweep()

    def _show(self, part: str, painter: Painter) -> None:
        self.query_one(f"#{part}", PictureView).show(painter)

    def _waiting(self, badge: str) -> Painter:
        hint = f"r runs once · R runs {self._session.many} · then change Layers and see it happen"
        return partial(chrome.waiting, self._session.experiment, badge, hint)

    # where it is shown

    @property
    def layout(self) -> Layout:
        return self._placement

    def on_mount(self) -> None:
        # before the first layout, so that the first paint is not of another one; the keys take a line
        width, height = self.app.size
        self._place(Size(width, height - 1))
        self.show_fields()

    def on_resize(self) -> None:
        self._place(self.size)

    def choose(self, pane: str) -> None:
        """Bring a pane to the front and give it the focus, so that the arrow keys scroll it."""
        self.pane = pane
        target = self._target(pane)
        if self.zoomed is not None:
            self.zoomed = target
        self._place(self.size)
        self.query_one(f"#{target}").focus()

    def choose_next(self, by: int) -> None:
        panes = list(PANES)
        self.choose(panes[(panes.index(self.pane) + by) % len(panes)])

    def toggle_zoom(self) -> None:
        self.zoomed = None if self.zoomed else (self._focused_part() or self._target(self.pane))
        self._place(self.size)

    def _focused_part(self) -> str | None:
        focused = self.screen.focused
        return focused.id if isinstance(focused, SweepView | PaneView) else None

    @property
    def read_pane(self) -> str:
        """The pane that has the focus, or else the one chosen."""
        part = self._focused_part() or self.pane
        return "sweeps" if part.startswith("sweep-") else part

    def _target(self, pane: str) -> str:
        """The id of the part that stands for a pane."""
        if pane != "sweeps":
            return pane
        focused = self._focused_part()
        return focused if focused is not None and focused.startswith("sweep-") else "sweep-layers"

    def _place(self, size: Size) -> None:
        placed, panes = regions(size, self.pane, self.zoomed)
        if placed != self._placement.regions:
            self._placement.regions = placed
            for child in self.children:
                child.display = child.id in placed
            # Textual keeps the places of the same children in the same size, unless one of them asks for a layout
            self.children[0].refresh(layout=True)
        if panes:
            links = [_link(pane) for pane in panes]
            active = self.pane if self.pane in panes else panes[0]
            self.query_one("#tabs", LinkBar).offer(links, partial(tabs, links, _link(active)[1]))


def _link(pane: str) -> Link:
    return f" {list(PANES).index(pane) + 1} {PANES[pane].title} ", f"pane('{pane}')"

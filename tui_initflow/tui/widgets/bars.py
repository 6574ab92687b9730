"""The lines of text around the panes: the status, the tabs of panes, the keys at the bottom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from time import monotonic

from textual import events

from tui_initflow.lab.session import Session
from tui_initflow.pages.chrome import Link, key_links, keys_bar, message, progress, refusal, title, title_links
from tui_initflow.tui.actions import Group, bar
from tui_initflow.tui.keys import keymap_of, rebound
from tui_initflow.tui.widgets.picture_view import Painter, PictureView

READING = 4.0
"""Seconds in which a line is read."""


class StatusLine(PictureView):
    """Says what is being computed and how far it is, or what came of it."""

    def __init__(self, text: str = "", *, id: str) -> None:
        super().__init__(partial(message, text), id=id)
        self._shows_progress = False
        self._read_at = 0.0
        """When a refusal has been read."""

    def say(self, text: str) -> None:
        self._shows_progress = False
        self._read_at = 0.0
        self.show(partial(message, text))

    def refuse(self, text: str) -> None:
        self._shows_progress = False
        self._read_at = monotonic() + READING
        self.show(partial(refusal, text))

    def progress(self, text: str, fraction: float) -> None:
        """Say how far work is, but over no refusal that nobody can have read yet."""
        if monotonic() < self._read_at:
            return
        self._shows_progress = True
        self.show(partial(progress, text, fraction))

    def end_progress(self) -> None:
        """Clear a progress bar; a message stays."""
        if self._shows_progress:
            self.say("")


class LinkBar(PictureView):
    """A line whose parts can be clicked, those with an action: the keys at the bottom, the title, the tabs of panes.

    Textual's own Footer is rebuilt at every change of focus and has the whole screen laid out again; over a slow line
    that costs more than everything else.
    """

    def __init__(self, links: Sequence[Link], painter: Painter, *, id: str) -> None:
        super().__init__(painter, id=id)
        self._links = links

    def offer(self, links: Sequence[Link], painter: Painter) -> None:
        self._links = links
        self.show(painter)

    def links(self) -> Sequence[Link]:
        return self._links

    async def on_click(self, event: events.Click) -> None:
        x = 0
        for text, action in self.links():
            if action and x <= event.x < x + len(text):
                await self.screen.run_action(action)
            x += len(text)


class TitleBar(LinkBar):
    """What is compared; its parts open what chooses them."""

    def __init__(self, session: Session) -> None:
        super().__init__((), partial(title, session.experiment, session.focused), id="title")
        self._session = session

    def update_title(self) -> None:
        self.show(partial(title, self._session.experiment, self._session.focused))

    def links(self) -> Sequence[Link]:
        return title_links(self._session.experiment, self._session.focused, self.size.width)


class KeysBar(LinkBar):
    """The bar at the bottom of a screen with these actions, on the keys that the user has chosen."""

    def __init__(self, groups: Iterable[Group]) -> None:
        super().__init__((), partial(keys_bar, ()), id="keys")
        self._groups = groups

    def on_mount(self) -> None:
        keys = bar(rebound(self._groups, keymap_of(self.app)))
        self.offer(key_links(keys), partial(keys_bar, keys))

"""Dialogues: boxes over the main screen that ask something, and end with an answer or without; and the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandList, CommandPalette
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widget import Widget
from textual.widgets import Label, OptionList, Static

from tui_initflow.pages.glossary import GLOSSARY
from tui_initflow.pages.panes import EXPLAINED
from tui_initflow.tui.actions import EVERY, explained
from tui_initflow.tui.keys import NO_KEYS, Keymap, keymap_of, rebound

T = TypeVar("T")


class OneAtATime:
    """The dialogues over a screen. Keys typed ahead of one would otherwise each open another."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._is_open = False

    async def answer(self, dialogue: Callable[[], Screen[T | None]]) -> T | None:
        """What the dialogue ends with; None if one is open."""
        if self._is_open:
            return None
        self._is_open = True
        try:
            return await self._screen.app.push_screen_wait(dialogue())
        finally:
            self._is_open = False


class LeftOnce(Screen[ScreenResultType]):
    """May be dismissed again before it is gone, as by a key that is held down, which Textual takes for an error."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_active else AwaitComplete()


class Palette(CommandPalette):
    """Textual's palette, left once too: a held Enter would run a command again and close the screen below, or the app.

    Not a `LeftOnce`, because styles are inherited from the first base alone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "page('up')", "Page up", show=False),
        Binding("pagedown", "page('down')", "Page down", show=False),
    ]

    def dismiss(self, result: None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_active else AwaitComplete()

    @on(OptionList.OptionSelected)
    def _choose_once(self, event: OptionList.OptionSelected) -> None:
        if not self.is_active:
            event.prevent_default()

    async def action_page(self, way: str) -> None:
        """Turn a page of the commands, which have no lines before they are laid out."""
        commands = self.query_one(CommandList)
        if commands.scrollable_content_region:
            await commands.run_action(f"page_{way}")


class Choices(OptionList):
    """Options whose pages can be turned only where they are laid out, on however small a screen."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not action.startswith("page_") or bool(self.scrollable_content_region)


class Dialogue(LeftOnce[ScreenResultType], ModalScreen[ScreenResultType]):
    """A box with a heading, a body, and a last line that says why an answer is refused.

    Widgets are kept, not looked up: a screen that is closed while it opens has none mounted.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel", show=False)]

    def __init__(self, heading: str, *body: Widget) -> None:
        super().__init__()
        self._refusal = Label("", classes="refusal", markup=False)
        self._box = Vertical(Label(heading, classes="heading", markup=False), *body, self._refusal, classes="box")

    def compose(self) -> ComposeResult:
        yield self._box

    def refuse(self, reason: str) -> None:
        self._refusal.update(f"✗ {reason}")


def help_text(keymap: Keymap = NO_KEYS) -> Content:
    """All keys, from the table of actions."""
    parts: list[str | tuple[str, str]] = []
    for group, keys, meaning in explained(rebound(EVERY, keymap)):
        parts += [(f"{group:<9}", "bold $accent"), (f"{keys:<16}", "bold"), f"{meaning}\n"]
    return Content.assemble(*parts).rstrip()


def glossary_text() -> Content:
    """The words of the field."""
    parts: list[str | tuple[str, str]] = [("\nThe words of the field\n", "bold $accent")]
    for word, meaning in GLOSSARY.items():
        parts += [(f"{word:<18}", "bold"), f"{meaning}\n"]
    return Content.assemble(*parts).rstrip()


class AidScreen(Dialogue[None]):
    """Explains a pane or a map; closes with the keys people try first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("i,q,enter,space", "dismiss(None)", "Close", show=False)]

    def __init__(self, name: str) -> None:
        pane = EXPLAINED[name]
        parts = zip(("What it is", "How to read it", "What to try"), pane.aid, strict=True)
        lines = (Content.assemble((f"{name}: ", "bold $accent"), text) for name, text in parts)
        super().__init__(pane.title, *(Static(line, classes="aid") for line in lines))


def explain(screen: Screen[Any], name: str) -> None:
    """Open the explanation of a pane or a map over a screen, unless something is open over it already."""
    if screen.is_active:
        screen.app.push_screen(AidScreen(name))


class HelpScreen(LeftOnce[None], ModalScreen[None]):
    """Closes with the keys people try first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "dismiss", "Close", show=False),
        # with the ids of these actions, so that it closes with a user's own keys for them too
        Binding("question_mark", "dismiss", "Close", show=False, id="help"),
        Binding("q", "dismiss", "Close", show=False, id="quit"),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_subtitle = "↓ for the words of the field"
            yield Static(help_text(keymap_of(self.app)))
            yield Static(glossary_text())

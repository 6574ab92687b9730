"""A list to choose from that is filtered while one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from tui_initflow.pages.choices import Choice
from tui_initflow.tui.screens.left_once import LeftOnce

LONGEST = 200
"""Characters a filter may have: a longer paste is cut."""


class Chooser(LeftOnce[str | None], ModalScreen[str | None]):
    """Answers with the value chosen, None when it was left.

    `describe` makes a choice of what was typed itself, where that means something though it is not in the list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave", show=False),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        chosen: str,
        describe: Callable[[str], Choice | None] = lambda _text: None,
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._chosen = chosen
        self._describe = describe

    def compose(self) -> ComposeResult:
        with Vertical(id="chooser"):
            yield Label(self._title, markup=False, id="chooser-title")
            yield Input(placeholder="type to filter", max_length=LONGEST, compact=True)
            yield OptionList(compact=True)

    def on_mount(self) -> None:
        self._offer("")
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._offer(event.value.strip())

    def on_input_submitted(self) -> None:
        found = self.query_one(OptionList)
        if found.highlighted is not None:
            self.dismiss(found.get_option_at_index(found.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)

    def action_move(self, by: int) -> None:
        found = self.query_one(OptionList)
        found.action_cursor_down() if by > 0 else found.action_cursor_up()

    def _offer(self, text: str) -> None:
        shown = [choice for choice in self._choices if choice.matches(text)]
        described = self._describe(text) if text not in {choice.value for choice in self._choices} else None
        if described is not None:
            shown.insert(0, described)
        found = self.query_one(OptionList)
        found.clear_options()
        found.add_options([Option(_prompt(choice), id=choice.value) for choice in shown])
        values = [choice.value for choice in shown]
        if values:
            # what was typed in full comes first, then what is chosen now
            wanted = next((value for value in (text, self._chosen) if value in values), values[0])
            found.highlighted = values.index(wanted)


def _prompt(choice: Choice) -> Content:
    return Content.assemble((f"{choice.value:<17} ", "bold"), (choice.detail, "$text-muted"))

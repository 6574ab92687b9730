"""A labelled whole-number input: typed or stepped, checked while it is typed, its range always beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Label

from tui_initflow.model.settings import Setting, Whole

TYPING_PAUSE = 0.4
"""Seconds without a key after which a typed number is taken."""
NUMBER_CHARACTERS = frozenset("0123456789.,+-_")


class NumberInput(Input):
    """The editable part. Keys that are not part of a number fall through to the field and to the app."""

    def __init__(self, text: str) -> None:
        super().__init__(text, compact=True, select_on_focus=True)
        self.cursor_blink = False
        self.refused = False
        self._written = text

    @property
    def is_edited(self) -> bool:
        """Whether the user has typed something other than what was written here."""
        return self.value != self._written

    def write(self, text: str) -> None:
        """Show a text as if it had always been there; the next digit typed starts a new number."""
        self._written = self.value = text
        self.select_all()

    def takes(self, character: str | None) -> bool:
        """Whether a printable key belongs to the field rather than to the app."""
        if character is None or not character.isprintable():
            return False
        return character in NUMBER_CHARACTERS or (self.is_edited and (character in "eE" or self.refused))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        # what is typed is taken before bindings are looked at; what Textual drops here would lose a user's own key too
        return False

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and not self.takes(event.character):
            event.prevent_default()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        # the field steps with left and right until something is typed, and selecting is not needed
        return action not in ("cursor_left", "cursor_right") or (self.is_edited and not any(parameters))


class NumberField(Horizontal):
    """One setting of the experiment; `value` is always the last valid one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,right", "step(1)", "+1", show=False),
        Binding("down,left", "step(-1)", "-1", show=False),
        Binding("shift+up,shift+right", "step(10)", "+10", show=False),
        Binding("shift+down,shift+left", "step(-10)", "-10", show=False),
        Binding("escape", "revert", "Undo typing", show=False),
    ]

    @dataclass
    class Changed(Message):
        """A new valid value."""

        setting: str
        value: int

    @dataclass
    class Checked(Message):
        """What is typed is refused now, for this reason, or is valid again, for which the reason is empty."""

        problem: str

    def __init__(self, setting: Setting, value: int, *, id: str) -> None:
        super().__init__(id=id)
        assert isinstance(setting.kind, Whole)
        self.value = value
        self.input = NumberInput(str(value))
        self._setting = setting
        self._kind = setting.kind
        self._note = ""
        self._hint = Label(self._range, classes="field-range")
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Label(self._setting.label, classes="field-title")
        yield self.input
        yield self._hint

    @property
    def _range(self) -> str:
        """What stands beside the number: a note, if there is one."""
        if self._note:
            return self._note
        low, high = self._kind.low, self._kind.high
        # there is room for six digits; the only larger limit is a power of two
        return f"{low}–{high}" if high < 1_000_000 else f"{low}–2^{high.bit_length() - 1}"

    def limit(self, high: int) -> None:
        """Allow values up to `high`."""
        if high != self._kind.high:
            self._kind = replace(self._kind, high=high)
            self._hint.update(self._range)

    def show(self, value: int, text: str) -> None:
        """Show `text`, which stands for `value`, without announcing it; steps start from `value`."""
        self.value = value
        self.input.write(text)
        self._mark(refused=False)

    def note(self, text: str) -> None:
        """Say something in the place of the range; nothing, and the range is back."""
        self._note = text
        self._hint.update(self._range)

    def _mark(self, refused: bool) -> None:
        was, self.input.refused = self.input.refused, refused
        self.set_class(refused, "refused")
        if refused != was:
            self._hint.update(f"✗ {self._range}" if refused else self._range)
        if refused or was:
            self.post_message(self.Checked(f"{self._setting.label}: {self._kind.allowed}" if refused else ""))

    def _typed(self) -> int | None:
        """The value that is typed, None where it is not allowed."""
        try:
            return self._kind.read(self.input.value)
        except ValueError:
            return None

    def _adopt(self) -> None:
        """Take the typed value, or refuse it."""
        if self._pause is not None:
            self._pause.stop()
        value, before = self._typed(), self.value
        if value is None:
            self._mark(refused=True)
            return
        self.show(value, str(value))
        if value != before:
            self.post_message(self.Changed(self._setting.name, value))

    def on_input_changed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        if not self.input.is_edited:
            self._mark(refused=False)
            return
        refused = self._typed() is None
        self._mark(refused)
        if not refused:
            self._pause = self.set_timer(TYPING_PAUSE, self._adopt)

    def on_input_submitted(self) -> None:
        if self.input.is_edited:
            self._adopt()
        if not self.input.refused:
            # the next digit is a key again
            self.screen.set_focus(None)

    def on_input_blurred(self) -> None:
        """An invalid value does not outlive the visit: the last valid one comes back, the message stays."""
        if not self.input.is_edited:
            return
        self._adopt()
        if self.input.refused:
            with self.prevent(self.Checked):
                self.show(self.value, str(self.value))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._roll(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._roll(event, -1)

    def _roll(self, event: events.MouseEvent, by: int) -> None:
        # what is around the field scrolls with the wheel
        event.stop()
        event.prevent_default()
        self.action_step(10 * by if event.shift else by)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "revert" or self.input.is_edited

    def action_revert(self) -> None:
        self.show(self.value, str(self.value))

    def action_step(self, by: int) -> None:
        self.input.value = str(min(max(self.value + by, self._kind.low), self._kind.high))
        self._adopt()

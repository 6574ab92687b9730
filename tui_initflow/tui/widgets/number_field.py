"""A labelled whole-number input: typed or stepped, checked while it is typed, its range always beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Label

from tui_initflow.model.settings import Setting, SettingError, Whole

TYPING_PAUSE = 0.4
"""Seconds without a key after which a typed number counts as meant."""
CUSTOM = "custom"
"""Shown where a list of widths says more than one number could."""
NUMBER_CHARACTERS = frozenset("0123456789.,+-_")


class NumberInput(Input):
    """The editable part. Keys that are not part of a number fall through to the app's own keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", "+1", show=False),
        Binding("down", "step(-1)", "-1", show=False),
        Binding("shift+up", "step(10)", "+10", show=False),
        Binding("shift+down", "step(-10)", "-10", show=False),
        Binding("right", "right", "+1", show=False),
        Binding("left", "left", "-1", show=False),
        Binding("shift+right", "step(10)", "+10", show=False),
        Binding("shift+left", "step(-10)", "-10", show=False),
        Binding("escape", "revert", "Undo typing", show=False),
    ]

    @dataclass
    class Stepped(Message):
        """An arrow key asked for a value `by` away."""

        by: int

    @dataclass
    class Reverted(Message):
        """Escape asked for the last good value."""

    def __init__(self, value: str) -> None:
        super().__init__(value, compact=True, select_on_focus=True)
        self.cursor_blink = False
        self.edited = False
        self.refused = False

    def takes(self, character: str | None) -> bool:
        """Whether a printable key belongs into the field rather than to the app."""
        if character is None or not character.isprintable():
            return False
        return character in NUMBER_CHARACTERS or (self.edited and (character in "eE" or self.refused))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self.takes(character)

    async def _on_key(self, event: events.Key) -> None:
        if not event.is_printable:
            return
        if self.takes(event.character):
            self.edited = True
        else:
            event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        self.edited = True

    def action_delete_left(self) -> None:
        self.edited = True
        super().action_delete_left()

    def action_delete_right(self) -> None:
        self.edited = True
        super().action_delete_right()

    def action_step(self, by: int) -> None:
        self.post_message(self.Stepped(by))

    def action_right(self) -> None:
        if self.edited:
            self.action_cursor_right()
        else:
            self.action_step(1)

    def action_left(self) -> None:
        if self.edited:
            self.action_cursor_left()
        else:
            self.action_step(-1)

    def action_revert(self) -> None:
        if not self.edited:
            raise SkipAction()
        self.post_message(self.Reverted())


class NumberField(Horizontal):
    """One setting of the experiment; `value` is always the last good one."""

    @dataclass
    class Changed(Message):
        """A new allowed value."""

        setting: str
        value: int

    @dataclass
    class Refused(Message):
        """What was typed is not allowed; `allowed` says in one line what is."""

        setting: str
        allowed: str

    @dataclass
    class Settled(Message):
        """The field shows an allowed value again."""

        setting: str

    def __init__(self, setting: Setting, value: int, *, id: str) -> None:
        super().__init__(id=id)
        assert isinstance(setting.kind, Whole)
        self.value = value
        self._setting = setting
        self._kind = setting.kind
        self._range = f"{setting.kind.low}–{setting.kind.high}"
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Label(self._setting.label, classes="field-title")
        yield NumberInput(str(self.value))
        yield Label(self._range, classes="field-range")

    @property
    def input(self) -> NumberInput:
        return self.query_one(NumberInput)

    def set_value(self, value: int) -> None:
        """Show `value`, as after a preset or an adopted sweep point, without announcing it."""
        self.value = value
        self._write()

    def show_custom(self, value: int) -> None:
        """Say that there is no one value; steps start from `value`, and what is typed replaces it."""
        self.value = value
        self._write(CUSTOM)

    def _write(self, shown: str | None = None) -> None:
        text, shown = self.input, shown or str(self.value)
        text.edited = False
        if text.value != shown:
            with text.prevent(Input.Changed):
                text.value = shown
        # the next digit typed starts a new number
        text.select_all()
        self._mark(refused=False)

    def _mark(self, refused: bool) -> None:
        was, self.input.refused = self.input.refused, refused
        self.set_class(refused, "refused")
        hint = self.query_one(".field-range", Label)
        if refused != was:
            hint.update(f"✗ {self._range}" if refused else self._range)
        if refused:
            self.post_message(self.Refused(self._setting.name, f"{self._setting.label}: {self._kind.allowed}"))
        elif was:
            self.post_message(self.Settled(self._setting.name))

    def _adopt(self) -> None:
        """Take over what is typed, or refuse it."""
        if self._pause is not None:
            self._pause.stop()
        try:
            value = self._setting.check(self.input.value)
        except SettingError:
            self._mark(refused=True)
            return
        changed, self.value = value != self.value, value
        self._write()
        if changed:
            self.post_message(self.Changed(self._setting.name, value))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.input.edited:
            return
        if self._pause is not None:
            self._pause.stop()
        try:
            self._setting.check(event.value)
        except SettingError:
            self._mark(refused=True)
            return
        self._mark(refused=False)
        self._pause = self.set_timer(TYPING_PAUSE, self._adopt)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._adopt()

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """A bad value does not outlive the visit: the field goes back to the last good one, the message stays."""
        event.stop()
        if not self.input.edited:
            return
        self._adopt()
        if self.input.refused:
            with self.prevent(self.Settled):
                self._write()

    def on_number_input_reverted(self, event: NumberInput.Reverted) -> None:
        event.stop()
        self._write()

    def on_number_input_stepped(self, event: NumberInput.Stepped) -> None:
        event.stop()
        self.input.value = str(min(max(self.value + event.by, self._kind.low), self._kind.high))
        self._adopt()

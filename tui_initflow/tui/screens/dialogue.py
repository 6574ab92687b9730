"""Dialogues: screens that come up over the main one, ask something, and are left with an answer or without."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen, ScreenResultType


class LeftOnce(Screen[ScreenResultType]):
    """Can be asked to leave again before it has left, as by a key that is held down: an error in Textual itself."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_active else AwaitComplete()


class Dialogue(LeftOnce[ScreenResultType], ModalScreen[ScreenResultType]):
    """A box over the main screen."""

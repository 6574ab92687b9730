"""What a terminal sends, as text: whatever is no UTF-8 is left out, in whatever pieces it arrives."""

from __future__ import annotations

import pytest

from tui_initflow.tui.terminal.line import KeyboardDecoder


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"r\xffq", "rq"),
        ("σé\U0001f600".encode(), "σé\U0001f600"),
        (b"\xe9R", "R"),
        (b"\x1b[A\x1b[<0;12;7M", "\x1b[A\x1b[<0;12;7M"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_is_text_arrives(sent: bytes, text: str, size: int) -> None:
    decoder = KeyboardDecoder()
    pieces = [sent[first : first + size] for first in range(0, len(sent), size)]
    assert "".join(map(decoder.decode, pieces)) == text


def test_an_old_report_of_the_mouse_keeps_its_length() -> None:
    """So that the keys after it are not taken for its coordinates."""
    assert KeyboardDecoder().decode(b"\x1b[M \xff\xfeq") == "\x1b[M   q"

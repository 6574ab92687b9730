"""Text from a file as text that a terminal only shows."""

from __future__ import annotations

MOST_SHOWN = 200
"""Characters of a name that an error repeats."""


def printable(text: str) -> str:
    """The text with everything escaped that a terminal could take for a command, and the backslash.

    >>> print(printable("fc.weight"), printable("\\x1b[2J"), printable("a\\nb"))
    fc.weight \\x1b[2J a\\nb
    """
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(_escaped(character) for character in text)


def brief(text: str, most: int = MOST_SHOWN) -> str:
    """Printable text that is short enough for an error."""
    shown = printable(text[:most])
    return shown if len(text) <= most else f"{shown}..."


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    return character if character.isprintable() else ascii(character)[1:-1]

"""What is wrong with a file, in one line, and names from files as text that is safe to show."""

from __future__ import annotations

from pathlib import Path

MOST_OF_A_NAME = 200
"""Characters of a name that an error repeats."""


class CheckpointError(ValueError):
    """A file that cannot be read as tensors. Its text is one line, whatever the file contains."""


class ChangedError(CheckpointError):
    """A file that something has written to since it was opened, as training does to its checkpoint."""


class ChainError(CheckpointError):
    """The weights that were chosen do not chain."""


def printable(name: str) -> str:
    """A name from a file with everything escaped that a terminal could take for a command, and the backslash.

    >>> print(printable("fc.weight"), printable("\\x1b[2J"), printable("a\\nb"))
    fc.weight \\x1b[2J a\\nb
    """
    if name.isprintable() and "\\" not in name:
        return name
    return "".join(_escaped(character) for character in name)


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    return character if character.isprintable() else ascii(character)[1:-1]


def brief(name: str) -> str:
    """A printable name that is short enough for an error."""
    text = printable(name[:MOST_OF_A_NAME])
    return text if len(name) <= MOST_OF_A_NAME else f"{text}..."


def refuse(path: Path, problem: str) -> CheckpointError:
    """The error that names the file."""
    return CheckpointError(f"{brief(path.name)}: {problem}")

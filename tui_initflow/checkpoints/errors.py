"""What is wrong with a file, in one line."""

from __future__ import annotations

from pathlib import Path

from tui_initflow.untrusted.text import brief as brief
from tui_initflow.untrusted.text import printable as printable


class CheckpointError(ValueError):
    """A file that cannot be read as tensors. Its text is one line, whatever the file contains."""


class ChangedError(CheckpointError):
    """A file that something has written to since it was opened, as training does to its checkpoint."""


class ChainError(CheckpointError):
    """The weights that were chosen do not chain."""


def refuse(path: Path, problem: str) -> CheckpointError:
    """The error that names the file."""
    return CheckpointError(f"{brief(path.name)}: {problem}")

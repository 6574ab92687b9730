"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Create or replace a file: a reader sees the old text or the new one, never a part. A device is written to.

    Raises:
        OSError: it cannot be written; its old content is intact.
    """
    if is_special(path):
        path.write_text(text, encoding="utf-8")
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:50]}.", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(name, _mode(path))
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def is_special(path: Path) -> bool:
    """Whether it is a device or a pipe, such as a shell's >(gzip), which can be written to but not replaced."""
    try:
        return path.exists() and not path.is_file() and not path.is_dir()
    except (OSError, ValueError):
        return False


def reason(error: OSError) -> str:
    """Why it failed, in the system's words."""
    return (error.strerror or str(error)).lower()


def _mode(path: Path) -> int:
    """The permissions of the file to replace, or the defaults of a new one."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

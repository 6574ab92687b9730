"""Files that are written whole or not at all, and the log of unexpected errors."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

LOG = "errors.log"
LARGEST_LOG = 1_000_000
"""Bytes after which the log starts over."""


def write_whole(path: Path, text: str) -> None:
    """Create or replace a file: a reader sees the old text or the new one, never a part. A device is written to.

    Raises:
        OSError: it cannot be written; its old content is intact.
    """
    if is_special(path):
        path.write_text(text, encoding="utf-8")
        return
    replace_whole(path, lambda file: file.write(text.encode("utf-8")))


def replace_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file whole with whatever `write` writes to the file it is given; not for a device.

    Raises:
        OSError: it cannot be written; its old content is intact.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:50]}.", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            write(file)
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


def record(error: BaseException, folder: Path | None = None) -> str:
    """Append the traceback to the log in `folder`, by default the platform's, so that it can be reported.

    Returns a clause that says where it is.
    """
    import traceback
    from datetime import UTC, datetime

    from platformdirs import user_log_path

    try:
        path = (folder or user_log_path("tui-initflow", appauthor=False)) / LOG
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            if path.stat().st_size > LARGEST_LOG:
                path.unlink()
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        # a pipe is not waited for; a traceback may have names that are no text
        with open(path, "a", encoding="utf-8", errors="backslashreplace", opener=_without_waiting) as log:
            log.write(f"{moment}\n{''.join(traceback.format_exception(error))}\n")
    except OSError as failure:
        return f"the traceback could not be written: {failure.strerror or failure}"
    return f"the traceback is in {path}"


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)

"""Files that come from elsewhere: opened without waiting for anybody, and what they say made safe to show.

Only regular files are opened, and nothing else that a path may lead to: a pipe would be waited for until somebody
writes to it, a device may never end, and opening some devices does something. So a path is looked at before it is
opened, and again after: it may have changed in between. May import: nothing of the package.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

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


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading.

    Raises:
        OSError: it cannot be opened, or is something else; `strerror` says what.
    """
    try:
        _refuse_others(os.stat(path))
        return open(path, "rb", opener=_opened)
    except ValueError:
        # a zero byte, or a character that the file system cannot have
        raise OSError(errno.EINVAL, "not a valid file name") from None


def size_of(file: BufferedReader) -> int:
    """The size of an open file in bytes; 0 for those that the kernel makes up, such as in /proc."""
    return os.fstat(file.fileno()).st_size


def _opened(path: str, flags: int) -> int:
    """What `open` calls in place of `os.open`."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    try:
        _refuse_others(os.fstat(handle))
    except OSError:
        os.close(handle)
        raise
    return handle


def _refuse_others(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")

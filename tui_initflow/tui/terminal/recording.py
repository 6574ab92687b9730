"""A recording of what the app sends, in the format of asciinema, version 2: a header and a line for each event.

Lines are written as events happen, so that whatever ends the app leaves a file that plays.
https://docs.asciinema.org/manual/asciicast/v2/
"""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import suppress
from pathlib import Path

from tui_initflow.storage.files import is_special, reason

NOT_FOR_PLAYERS = re.compile(
    r"\x1b\[\?(?:1000|1002|1003|1004|1006|1015|1016|2004|2048)[hl]"  # what the terminal reports: mouse, focus, pastes
    r"|\x1b\[[<>=?][0-9;]*u"  # and keys
    r"|\x1b\[\?[0-9;]*\$p|\x1b\[[>=]?[0-9]*[cq]|\x1b\[[0-9]*n"  # questions
    r"|\x1b\](?:22|52);[^\x07\x1b]*(?:\x07|\x1b\\)"  # the shape of the pointer and the clipboard
)
"""Sequences that draw nothing: where a recording is played, they would change somebody's terminal or have it answer."""


class Recording:
    """An open file. What cannot be written ends the recording, not the app; `problem` then says why."""

    def __init__(self, path: Path, size: tuple[int, int], terminal: str, *, replace: bool = False) -> None:
        """Begin with the header: the size in cells, columns first, and the value of TERM.

        Raises:
            OSError: it cannot be written, or exists and may not be replaced.
        """
        # unbuffered: a line is on its way before the next event
        self._file = path.open("wb" if replace or is_special(path) else "xb", buffering=0)
        self._started = time.monotonic()
        self._written = 0
        self._size = size
        self.problem = ""
        self._write(
            {
                "version": 2,
                "width": size[0],
                "height": size[1],
                "timestamp": int(time.time()),
                "env": {"TERM": terminal},
            }
        )

    def sent(self, text: str) -> None:
        """Record text on its way to the terminal."""
        drawn = NOT_FOR_PLAYERS.sub("", text)
        if drawn:
            self._event("o", drawn)

    def resized(self, size: tuple[int, int]) -> None:
        """Record the size of the terminal, if it is another one."""
        if size != self._size:
            self._size = size
            self._event("r", f"{size[0]}x{size[1]}")

    def close(self) -> None:
        self._file.close()

    def _event(self, kind: str, data: str) -> None:
        self._write([round(time.monotonic() - self._started, 6), kind, data])

    def _write(self, value: object) -> None:
        if self._file.closed:
            return
        line = json.dumps(value, ensure_ascii=False).encode(errors="replace") + b"\n"
        try:
            if self._file.write(line) != len(line):
                raise OSError(0, "no space left")
            self._written += len(line)
        except OSError as error:
            self.problem = reason(error)
            # half a line would not play
            with suppress(OSError):
                os.truncate(self._file.fileno(), self._written)
            self.close()

"""What a terminal sends, as text. Bytes that are not UTF-8 are left out: they press no key, and end nothing."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

OLD_MOUSE_REPORT = re.compile(rb"\x1b\[M[^\x1b]{1,3}")
"""In the encoding of X10: a button, a column and a row, each as one byte, which is no UTF-8 from column 96 on."""
LONGEST_BEGUN = 5
"""Bytes of a report that is not complete yet."""


class KeyboardDecoder:
    """An incremental decoder of UTF-8. Old reports of the mouse keep their length, by which they are told from keys."""

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")("ignore")
        self._before = b""

    def decode(self, data: bytes, final: bool = False) -> str:
        """The text of the next bytes; the beginning of a character waits for the rest of it."""
        known = len(self._before)
        seen = self._before + data
        self._before = seen[-LONGEST_BEGUN:]
        readable = OLD_MOUSE_REPORT.sub(lambda report: report[0][:3].ljust(len(report[0])), seen)
        return self._decoder.decode(readable[known:], final)

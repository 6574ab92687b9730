"""The log of unexpected errors: their tracebacks are kept, so that they can be reported."""

from __future__ import annotations

import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_log_path

NAME = "errors.log"
LARGEST = 1_000_000
"""Bytes after which the file starts over."""


def record(error: BaseException, folder: Path | None = None) -> str:
    """Append the traceback to the log in `folder`, by default the platform's; a clause that says where it is."""
    try:
        path = (folder or user_log_path("tui-initflow", appauthor=False)) / NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            if path.stat().st_size > LARGEST:
                path.unlink()
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        with path.open("a", encoding="utf-8") as log:
            log.write(f"{moment}\n{''.join(traceback.format_exception(error))}\n")
    except OSError as failure:
        return f"the traceback could not be written: {failure.strerror or failure}"
    return f"the traceback is in {path}"

"""Where the traceback of an unexpected failure is kept, so that it can be reported."""

from __future__ import annotations

import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

NAME = "errors.log"
LARGEST = 1_000_000
"""Bytes after which the file is begun anew."""


def record(error: BaseException, folder: Path | None = None) -> str:
    """Append the traceback to the log in `folder`, the platform's own if None; a clause that says where it is."""
    try:
        path = (folder or _default_folder()) / NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            if path.stat().st_size > LARGEST:
                path.unlink()
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        with path.open("a", encoding="utf-8") as log:
            log.write(f"{moment}\n{''.join(traceback.format_exception(error))}\n")
    except OSError as refusal:
        return f"the traceback could not be written: {refusal.strerror or refusal}"
    return f"the traceback is in {path}"


def _default_folder() -> Path:
    from platformdirs import user_log_path

    return user_log_path("tui-initflow", appauthor=False)

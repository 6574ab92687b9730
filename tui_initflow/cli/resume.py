"""`run --resume`: the runs done so far are kept in a file beside the output, from which a later command goes on."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tui_initflow.cli.diagnostics import Failure, quoted
from tui_initflow.cli.streams import say
from tui_initflow.findings.snippets import PROGRAM
from tui_initflow.model.experiment import Experiment
from tui_initflow.storage.files import is_special, reason, replace_whole
from tui_initflow.untrusted import open_regular

if TYPE_CHECKING:
    from tui_initflow.lab import Collected, Progress, Results

SUFFIX = ".partial"
LEAST_SECONDS = 10.0
"""Between two times that the runs are written,"""
MOST_SHARE = 0.02
"""and the share of the time that writing may take: many runs of a deep network are 190 MB."""


class KeptRuns:
    """The file with the runs done so far."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._due = time.monotonic() + LEAST_SECONDS
        self._works = True

    def read(self, experiment: Experiment) -> Collected | None:
        """The first runs of the experiment; None if there are none yet.

        Raises:
            Failure: the file is of other settings, has more runs, or cannot be read.
        """
        from tui_initflow.export.partial import Unusable, read_partial

        try:
            with open_regular(self._path) as file:
                return read_partial(file, experiment)
        except FileNotFoundError:
            return None
        except Unusable as error:
            raise self._refused(str(error)) from None
        except OSError as error:
            raise self._refused(f"cannot be read: {reason(error)}") from None

    def keep_now_and_then(self, progress: Progress[Results]) -> None:
        """Write the runs if it is time to."""
        if time.monotonic() >= self._due:
            self.keep(progress.partial())

    def keep(self, results: Results) -> None:
        """Write the runs. That it fails is said once; they go on, because the output is what was asked for."""
        from tui_initflow.export.partial import write_partial

        start = time.monotonic()
        try:
            replace_whole(self._path, lambda file: write_partial(results, file))
        except OSError as error:
            if self._works:
                say(self._refused(f"cannot be written: {reason(error)}"), f"{PROGRAM} run")
            self._works = False
        now = time.monotonic()
        self._due = now + max(LEAST_SECONDS, (now - start) / MOST_SHARE)

    def remove(self) -> None:
        """Once the output is written. That it fails is said."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            say(self._refused(f"cannot be removed: {reason(error)}"), f"{PROGRAM} run")

    def _refused(self, problem: str) -> Failure:
        return Failure(f"--resume: {quoted(self._path.name)} {problem}")


def kept_runs(file: str | None) -> KeptRuns:
    """The runs kept beside the file that the result is written to. Raises Failure if there is none."""
    if file is None or file in ("", "-", "/dev/stdout") or is_special(Path(file)):
        raise Failure("--resume: needs a file that the result is written to; add -o FILE")
    return KeptRuns(Path(os.path.realpath(file) + SUFFIX))

"""`tui-initflow inspect --watch FILE`: reads a checkpoint again whenever training has written it."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from tui_initflow import lab
from tui_initflow.cli.destination import Destination, destination
from tui_initflow.cli.diagnostics import Failure, interruptible
from tui_initflow.cli.interrupts import INTERRUPTED

LOOKS_EVERY = 0.5
"""Seconds between two looks at the file. It is read once it has stayed the same for one of them."""


def watch(options: argparse.Namespace) -> int:
    """Print a table whenever the file has changed, until Ctrl+C."""
    if len(options.files) != 1:
        raise Failure("--watch: is for one file")
    target = destination(options)
    if target.path is not None or target.format.name != "text":
        raise Failure("--watch: prints text only; leave out other formats and --output")
    with interruptible() as cancel:
        readings = _watch(Path(options.files[0]), target, cancel)
    raise Failure(f"stopped after {readings} reading{'s' * (readings != 1)}", INTERRUPTED)


def _watch(path: Path, target: Destination, cancel: threading.Event) -> int:
    from tui_initflow.cli.capabilities import terminal
    from tui_initflow.export.watch import history_text

    unicode = terminal(sys.stdout, "never").unicode
    tracks: Mapping[str, lab.Track] = {}
    # equal to no state, not even that of a file which is not there
    seen: object = object()
    readings, waits = 0, False
    while not cancel.is_set():
        now = _state(path)
        if now != seen and not (waits and cancel.wait(LOOKS_EVERY)) and _state(path) == now:
            seen, waited, waits = now, waits, True
            try:
                checkpoint = lab.opened(path, cancel)
                continued = None if checkpoint is None else lab.read_again(tracks, checkpoint, cancel)
            except lab.ChangedError:
                seen = object()
                continue
            except lab.CheckpointError as error:
                if not readings and (waited or now is None):
                    raise Failure(str(error)) from None
                if not readings:
                    # the first look did not wait for what may be half written
                    seen = object()
                    continue
                # it may be half written: the next change tells
                target.write(f"{datetime.now():%H:%M:%S} not read: {error}\n")
                continue
            if continued is None:
                break
            tracks = continued
            readings += 1
            head = f"{datetime.now():%H:%M:%S} reading {readings}\n"
            target.write(f"{head}{history_text(tracks, unicode=unicode)}\n")
        cancel.wait(LOOKS_EVERY)
    return readings


def _state(path: Path) -> object:
    """What changes when the file, or a file of the folder, is written."""
    try:
        files = sorted(entry.path for entry in os.scandir(path)) if path.is_dir() else [str(path)]
        return [(name, (status := os.stat(name)).st_mtime_ns, status.st_size, status.st_ino) for name in files]
    except (OSError, ValueError):
        # it is being replaced
        return None

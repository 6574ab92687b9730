"""`tui-initflow inspect`: the weights in a file, measured, judged and sent signals through."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from tui_initflow.cli.described import experiment_of
from tui_initflow.cli.destination import destination
from tui_initflow.cli.diagnostics import INTERRUPTED, UNHEALTHY, Failure, interruptible, progress_line, quoted
from tui_initflow.cli.watch import watch

if TYPE_CHECKING:
    import threading

    from tui_initflow.checkpoints.scan import Progress
    from tui_initflow.checkpoints.tensors import Checkpoint
    from tui_initflow.findings.inspection import Inspection
    from tui_initflow.model.experiment import Experiment

LONGEST_NAME = 40
"""Characters of a tensor's name beside the progress."""


def inspect(options: argparse.Namespace) -> int:
    """The status is 1 with --check if the weights are not healthy."""
    if options.watch:
        return watch(options)
    if len(options.files) > 1:
        return _compare(options)
    template, target = experiment_of(options), destination(options)
    _keep_inputs(options, target.path)
    from tui_initflow.checkpoints.errors import ChainError, CheckpointError

    with interruptible() as cancel:
        with progress_line() as show:
            try:
                inspection = _inspected(options, template, cancel, show)
            except ChainError as error:
                raise Failure(f"--chain: {error}") from None
            except CheckpointError as error:
                raise Failure(str(error)) from None
            text = target.text_of(inspection)
        target.write(text)
    if cancel.is_set():
        done, total = len(inspection.tensors), inspection.total
        where = f"after {done} of {total} tensors" if done < total else "while signals were sent through the weights"
        raise Failure(f"stopped {where}", INTERRUPTED)
    return UNHEALTHY if options.check and inspection.problems else 0


def _inspected(
    options: argparse.Namespace, template: Experiment, cancel: threading.Event, show: Callable[[str], None]
) -> Inspection:
    from tui_initflow.findings.inspection import inspect, sorted_by

    inspection = inspect(
        _opened(options.files[0], options.only, cancel),
        template,
        options.min_gradient,
        pattern=options.chain,
        cancel=cancel,
        on_scan=_reporter(show),
        on_input=lambda done, total: show(f"inputs {done}/{total}"),
    )
    return replace(inspection, tensors=sorted_by(inspection.tensors, options.sort)) if options.sort else inspection


def _reporter(show: Callable[[str], None]) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else 1.0
        show(f"{share:.0%} {progress.name[:LONGEST_NAME]}")

    return report


def _compare(options: argparse.Namespace) -> int:
    """Two files: what differs."""
    if len(options.files) > 2:
        raise Failure("FILE: at most two, to compare them")
    for flag in ("check", "chain", "sort"):
        if getattr(options, flag):
            raise Failure(f"--{flag}: is for one file")
    target = destination(options)
    _keep_inputs(options, target.path)
    if target.format.name == "plot":
        raise Failure("--plot: is for one file")
    from tui_initflow.checkpoints.changes import changes
    from tui_initflow.checkpoints.errors import CheckpointError
    from tui_initflow.findings.movement import Movement

    with interruptible() as cancel:
        with progress_line() as show:
            try:
                before, after = (_opened(file, options.only, cancel) for file in options.files)
                found = changes(before, after, cancel=cancel, on_progress=_reporter(show))
            except CheckpointError as error:
                raise Failure(str(error)) from None
            text = target.text_of(Movement(before.name, after.name, found))
        target.write(text)
    if cancel.is_set():
        raise Failure(f"stopped after {len(found.common)} of {found.total} tensors", INTERRUPTED)
    return 0


def _keep_inputs(options: argparse.Namespace, output: Path | None) -> None:
    """Refuse to write over what is read, whatever --force says."""
    if output is not None and any(os.path.realpath(file) == os.path.realpath(output) for file in options.files):
        raise Failure(f"--output: {quoted(str(options.output))}: is read; name another file")


def _opened(file: str, pattern: str | None, cancel: threading.Event) -> Checkpoint:
    """The tensors of a file whose names match."""
    from tui_initflow.checkpoints.opening import open_checkpoint
    from tui_initflow.engine.pool import Cancelled

    try:
        checkpoint = open_checkpoint(Path(file), cancel)
    except Cancelled:
        raise Failure("stopped while the file was opened", INTERRUPTED) from None
    if pattern is None:
        return checkpoint
    tensors = tuple(tensor for tensor in checkpoint.tensors if fnmatchcase(tensor.name, pattern))
    if not tensors:
        raise Failure(f"--only: no tensor of {checkpoint.name} matches {quoted(pattern)}")
    return replace(checkpoint, tensors=tensors)

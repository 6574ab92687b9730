"""`tui-initflow inspect`: the weights in a file, measured, judged and sent signals through."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from tui_initflow import lab
from tui_initflow.cli.described import experiment_of
from tui_initflow.cli.destination import destination
from tui_initflow.cli.diagnostics import UNHEALTHY, Failure, interruptible, quoted
from tui_initflow.cli.interrupts import INTERRUPTED
from tui_initflow.cli.streams import progress_line
from tui_initflow.cli.watch import watch

LONGEST = 48
"""Characters that say what is read."""


def inspect(options: argparse.Namespace) -> int:
    """The status is 1 with --check if the weights are not healthy."""
    if options.watch:
        return watch(options)
    if len(options.files) > 1:
        return _compare(options)
    template, target = experiment_of(options), destination(options)
    _keep_inputs(options, target.path)
    with interruptible() as cancel:
        with progress_line() as show:
            try:
                inspection = lab.inspect(
                    _opened(options.files[0], options.only, cancel),
                    template,
                    options.min_gradient,
                    cancel,
                    _reported(show),
                    pattern=options.chain,
                )
            except lab.ChainError as error:
                raise Failure(f"--chain: {error}") from None
            except lab.CheckpointError as error:
                raise Failure(str(error)) from None
            if options.sort:
                inspection = inspection.sorted_by(options.sort)
            text = target.text_of(inspection)
        target.write(text)
    if cancel.is_set():
        done, total = len(inspection.tensors), inspection.total
        where = f"after {done} of {total} tensors" if done < total else "while signals were sent through the weights"
        raise Failure(f"stopped {where}", INTERRUPTED)
    return UNHEALTHY if options.check and inspection.problems else 0


def _reported(show: Callable[[str], None]) -> Callable[[lab.Progress[object]], None]:
    """Shows which tensor is read, its name cut where it is long, and the share that has been read."""

    def report(progress: lab.Progress[object]) -> None:
        text = progress.text if progress.total else f"{progress.text[:LONGEST]} {progress.fraction:.0%}"
        show(text)

    return report


def _compare(options: argparse.Namespace) -> int:
    """Two files: what differs."""
    if len(options.files) > 2:
        raise Failure("FILE: at most two, to compare them")
    for flag in ("check", "chain", "sort"):
        if getattr(options, flag):
            raise Failure(f"--{flag}: is for one file")
    target = destination(options, "compare")
    _keep_inputs(options, target.path)
    if target.format.name == "plot":
        raise Failure("--plot: is for one file")
    with interruptible() as cancel:
        with progress_line() as show:
            try:
                before, after = (_opened(file, options.only, cancel) for file in options.files)
                movement = lab.compare(before, after, cancel, _reported(show))
            except lab.CheckpointError as error:
                raise Failure(str(error)) from None
            text = target.text_of(movement)
        target.write(text)
    if cancel.is_set():
        compared = movement.changes
        raise Failure(f"stopped after {len(compared.common)} of {compared.total} tensors", INTERRUPTED)
    return 0


def _keep_inputs(options: argparse.Namespace, output: Path | None) -> None:
    """Refuse to write over what is read, whatever --force says."""
    if output is not None and any(os.path.realpath(file) == os.path.realpath(output) for file in options.files):
        raise Failure(f"--output: {quoted(str(options.output))}: is read; name another file")


def _opened(file: str, pattern: str | None, cancel: threading.Event) -> lab.Checkpoint:
    """The tensors of a file whose names match."""
    checkpoint = lab.opened(Path(file), cancel)
    if checkpoint is None:
        raise Failure("stopped while the file was opened", INTERRUPTED)
    if pattern is None:
        return checkpoint
    tensors = tuple(tensor for tensor in checkpoint.tensors if fnmatchcase(tensor.name, pattern))
    if not tensors:
        raise Failure(f"--only: no tensor of {checkpoint.name} matches {quoted(pattern)}")
    return replace(checkpoint, tensors=tensors)

"""Examine the weights in a file.

Tells what each tensor looks like, whether it was ever trained, and whether the gradient survives the weights that fit
together. Reads .safetensors, a folder of them or its .index.json, .npz and .npy, and PyTorch's .pt, .pth, .bin, .ckpt
and .pth.tar, without PyTorch. Two files are compared. Nothing in a file is executed.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from tui_initflow import lab
from tui_initflow.cli.destination import Destination, add_output, destination_of
from tui_initflow.cli.diagnostics import UNHEALTHY, Failure, interruptible, quoted
from tui_initflow.cli.interrupts import INTERRUPTED
from tui_initflow.cli.parser import Parser
from tui_initflow.cli.settings import add_group, add_min_gradient, experiment_of
from tui_initflow.cli.work import Work, working
from tui_initflow.findings.status import SORTED_BY
from tui_initflow.model.experiment import SETTINGS

EXAMPLES = """\
  tui-initflow inspect model.safetensors --activation relu
  tui-initflow inspect model.safetensors --only 'encoder.*' --sort gain_ratio
  tui-initflow inspect weights.npz --chain 'mlp.*.weight' --b he-normal --plot
  tui-initflow inspect model.safetensors --check --min-gradient 1e-4
  tui-initflow inspect before.safetensors after.safetensors
  tui-initflow inspect --watch last.safetensors
"""
LONGEST = 48
"""Characters that say what is read."""
LOOKS_EVERY = 0.5
"""Seconds between two looks at a file that is watched. It is read once it has stayed the same for one of them."""


def add_options(parser: Parser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="the file or folder of weights, or two: what differs from the first"
    )
    parser.add_argument(
        "--watch", action="store_true", help="read the file again when it changes, and print how far each tensor moves"
    )
    parser.add_argument("--only", metavar="GLOB", help="only tensors whose names match, such as 'encoder.*'")
    parser.add_argument(
        "--sort",
        choices=SORTED_BY,
        metavar="COLUMN",
        help=f"largest or worst first, or from a to z: one of {', '.join(SORTED_BY)} (default: as in the file)",
    )
    parser.add_argument("--chain", metavar="GLOB", help="the weights to send signals through (default: those that fit)")
    parser.add_argument(
        "--check",
        action="store_true",
        help="exit 1 if a tensor has NaN or infinities, or the chain's gradient is not healthy",
    )
    add_min_gradient(parser)
    names = ("activation", "b", "gain_b", "start", "runs", "seed")
    add_group(parser, "signals, and the fresh draw beside the weights", [SETTINGS[name] for name in names])
    add_output(parser, "inspect")


def run(options: argparse.Namespace) -> int:
    if options.watch:
        return _watch(options)
    return _compare(options) if len(options.files) > 1 else _inspect(options)


def _inspect(options: argparse.Namespace) -> int:
    """One file; the status is 1 with --check if its weights are not healthy."""
    template, target = experiment_of(vars(options)), _destination(options)
    with working() as work, _told_in_a_line():
        inspection = lab.inspect(
            _opened(options.files[0], options.only, work),
            template,
            options.min_gradient,
            work.cancel,
            _report(work),
            pattern=options.chain,
        )
        work.write(inspection.sorted_by(options.sort) if options.sort else inspection, target)
    if work.ended_early:
        done, total = len(inspection.tensors), inspection.total
        where = f"after {done} of {total} tensors" if done < total else "while signals were sent through the weights"
        raise work.stopped(where)
    return UNHEALTHY if options.check and inspection.problems else 0


def _compare(options: argparse.Namespace) -> int:
    """Two files: what differs."""
    if len(options.files) > 2:
        raise Failure("FILE: at most two, to compare them")
    for flag in ("check", "chain", "sort"):
        if getattr(options, flag):
            raise Failure(f"--{flag}: is for one file")
    target = _destination(options)
    if target.format.name == "plot":
        raise Failure("--plot: is for one file")
    with working() as work, _told_in_a_line():
        before, after = (_opened(file, options.only, work) for file in options.files)
        movement = lab.compare(before, after, work.cancel, _report(work))
        work.write(movement, replace(target, kind="compare"))
    if work.ended_early:
        compared = movement.changes
        raise work.stopped(f"after {len(compared.common)} of {compared.total} tensors")
    return 0


def _destination(options: argparse.Namespace) -> Destination:
    """Where the result goes: never over a file that is read, even with --force."""
    target = destination_of(options)
    if target.path is not None and os.path.realpath(target.path) in map(os.path.realpath, options.files):
        raise Failure(f"--output: {quoted(options.output)}: is read; name another file")
    return target


def _report(work: Work) -> Callable[[lab.Progress[object]], None]:
    """Shows which tensor is read, its name cut where it is long, and the share that has been read."""

    def report(progress: lab.Progress[object]) -> None:
        work.show(progress.text if progress.total else f"{progress.text[:LONGEST]} {progress.fraction:.0%}")

    return report


@contextmanager
def _told_in_a_line() -> Iterator[None]:
    """What is wrong with a file ends the command as what is wrong with an option does."""
    try:
        yield
    except lab.ChainError as error:
        raise Failure(f"--chain: {error}") from None
    except lab.CheckpointError as error:
        raise Failure(str(error)) from None


def _opened(file: str, pattern: str | None, work: Work) -> lab.Checkpoint:
    """The tensors of a file whose names match."""
    checkpoint = work.required(lab.opened(Path(file), work.cancel), "while the file was opened")
    if pattern is None:
        return checkpoint
    tensors = tuple(tensor for tensor in checkpoint.tensors if fnmatchcase(tensor.name, pattern))
    if not tensors:
        raise Failure(f"--only: no tensor of {checkpoint.name} matches {quoted(pattern)}")
    return replace(checkpoint, tensors=tensors)


def _watch(options: argparse.Namespace) -> int:
    """One file: a table whenever it has changed, until Ctrl+C."""
    if len(options.files) != 1:
        raise Failure("--watch: is for one file")
    target = destination_of(options)
    if target.path is not None or target.format.name != "text":
        raise Failure("--watch: prints text only; leave out other formats and --output")
    with interruptible() as cancel:
        readings = _readings(Path(options.files[0]), target, cancel)
    raise Failure(f"stopped after {readings} reading{'s' * (readings != 1)}", INTERRUPTED)


def _readings(path: Path, target: Destination, cancel: threading.Event) -> int:
    from tui_initflow.cli.capabilities import terminal
    from tui_initflow.export.watch import history_text

    glyphs = terminal(sys.stdout, "never").palette.glyphs
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
                target.write(f"{time.strftime('%H:%M:%S')} not read: {error}\n")
                continue
            if continued is None:
                break
            tracks = continued
            readings += 1
            head = f"{time.strftime('%H:%M:%S')} reading {readings}\n"
            target.write(f"{head}{history_text(tracks, glyphs)}\n")
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

"""What is read from checkpoints: one examined, two compared, one watched, a tensor in bins. See `simulations`."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from tui_initflow.checkpoints.chain import Propagated, find_chain, propagate
from tui_initflow.checkpoints.changes import Track, changes, continued, snapshots
from tui_initflow.checkpoints.opening import open_checkpoint
from tui_initflow.checkpoints.scan import Measured, TensorHistogram, histogram, scan
from tui_initflow.checkpoints.sources import ChainError, ChangedError, CheckpointError
from tui_initflow.checkpoints.tensors import Checkpoint
from tui_initflow.engine.pool import Cancelled, Report
from tui_initflow.findings.inspection import Inspection, Movement, judged
from tui_initflow.findings.layers import of_chain
from tui_initflow.lab.simulations import unreported
from tui_initflow.model.experiment import Experiment
from tui_initflow.theory.outlook import Theory, theory_of

STOPPED = "stopped before it was sent signals through"


def opened(path: Path, cancel: threading.Event) -> Checkpoint | None:
    """The tensors of a file or a folder, whose numbers are read when they are needed.

    Raises:
        CheckpointError: it cannot be read.
    """
    try:
        return open_checkpoint(path, cancel)
    except Cancelled:
        return None


def inspect(
    checkpoint: Checkpoint,
    template: Experiment,
    min_gradient: float,
    cancel: threading.Event,
    report: Report[object] = unreported,
    *,
    pattern: str | None = None,
) -> Inspection:
    """All tensors measured, and signals sent through those that chain, beside fresh draws of the template's b.

    `pattern` names the chain.

    Raises:
        CheckpointError: the file cannot be read.
        ChainError: there is no chain of this pattern.
    """
    measured = scan(checkpoint, cancel=cancel, on_progress=report)
    propagated: Propagated | None = None
    theory: Theory | None = None
    no_chain: str | None = STOPPED
    if not cancel.is_set():
        try:
            chain = find_chain(measured, pattern)
            propagated, no_chain = propagate(chain, template, checkpoint.name, cancel=cancel, on_progress=report), None
            if propagated.experiment is not None:
                theory = theory_of(propagated.experiment, min_gradient, cancel)
        except ChangedError:
            raise
        except CheckpointError as error:
            # what was asked for has to be there, but for what is reported anyway
            if pattern is not None and not any(one.is_broken for one in measured):
                raise ChainError(str(error)) from None
            no_chain = str(error)
        except Cancelled:
            # what is complete comes back
            pass
    return Inspection(
        file=checkpoint.name,
        activation=template.activation,
        min_gradient=min_gradient,
        total=len(checkpoint.tensors),
        tensors=judged(measured, template.activation),
        propagated=propagated,
        no_chain=no_chain,
        theory=theory,
        layers=None if propagated is None else of_chain(propagated, template.network.activation, theory),
    )


def compare(
    before: Checkpoint, after: Checkpoint, cancel: threading.Event, report: Report[object] = unreported
) -> Movement:
    """What differs between two checkpoints, in the tensors compared so far.

    Raises:
        CheckpointError: one of them cannot be read.
    """
    return Movement(before.name, after.name, changes(before, after, cancel=cancel, on_progress=report))


def read_again(
    tracks: Mapping[str, Track], checkpoint: Checkpoint, cancel: threading.Event
) -> Mapping[str, Track] | None:
    """The tracks of all tensors, longer by a reading.

    Raises:
        CheckpointError: the file cannot be read.
    """
    try:
        return continued(tracks, snapshots(checkpoint, cancel))
    except Cancelled:
        return None


def bins_of(measured: Measured, cancel: threading.Event) -> TensorHistogram | str | None:
    """One tensor, read once more, in bins; or why it can no longer be read."""
    try:
        return histogram(measured, cancel)
    except Cancelled:
        return None
    except CheckpointError as error:
        return str(error)

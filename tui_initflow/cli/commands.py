"""What each command does. Heavy modules are imported when they are needed: `run` never loads the user interface."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tui_initflow.cli.destination import Destination, destination
from tui_initflow.cli.diagnostics import FAILED, INTERRUPTED, UNHEALTHY, Failure, interruptible, progress_line
from tui_initflow.cli.inspect import inspect
from tui_initflow.cli.options import (
    DEFAULT_SWEEP_RUNS,
    checked_training_of,
    experiment_of,
    parse_values,
    parsers,
)
from tui_initflow.cli.start import plain, recording_of, start_of
from tui_initflow.findings.snippets import PROGRAM
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.settings import InitialiserName
from tui_initflow.model.training import TRAININGS

if TYPE_CHECKING:
    import threading

    from tui_initflow.engine.results import Results
    from tui_initflow.engine.runs import Progress


def run(options: argparse.Namespace) -> int:
    experiment, target = experiment_of(options), destination(options)
    with interruptible() as cancel:
        if target.format.name == "jsonl" and target.path is None:
            results = _simulated(experiment, cancel, _stream(target))
        else:
            with progress_line() as show:
                results = _simulated(experiment, cancel, _counter(show))
                show(f"writing {target.format.name}")
                text = target.text_of(results)
            # the line is cleared first: on a terminal, the text would begin behind it
            target.write(text)
    if results.runs < experiment.runs:
        raise _stopped(results.runs, experiment)
    return 0


def _simulated(experiment: Experiment, cancel: threading.Event, on_progress: Callable[[Progress], None]) -> Results:
    """The runs, or those completed when it is cancelled; Failure if there are none."""
    from tui_initflow.engine.runs import Cancelled, simulate

    try:
        return simulate(experiment, cancel=cancel, on_progress=on_progress)
    except Cancelled:
        raise _stopped(0, experiment) from None


def _counter(show: Callable[[str], None]) -> Callable[[Progress], None]:
    return lambda progress: show(f"runs {progress.done}/{progress.total}")


def _stream(target: Destination) -> Callable[[Progress], None]:
    """Writes runs as they complete, which shows the progress too."""
    from tui_initflow.export.data import to_json_lines

    written = 0

    def write_new(progress: Progress) -> None:
        nonlocal written
        target.write(to_json_lines(progress.partial(), written))
        written = progress.done

    return write_new


def _stopped(done: int, experiment: Experiment) -> Failure:
    extent = f"after {done} of {experiment.runs} runs" if done else "before the first run was complete"
    return Failure(f"stopped {extent}", INTERRUPTED)


def sweep(options: argparse.Namespace) -> int:
    if options.over is None:
        raise Failure(f"--over: required; must be one of {', '.join(SIZES)}")
    experiment, target = experiment_of(options, DEFAULT_SWEEP_RUNS), destination(options)
    values = None if options.values is None else parse_values(options.over, options.values)
    with interruptible() as cancel:
        from tui_initflow.engine.sweep import sweep as simulated_sweep

        with progress_line() as show:
            result = simulated_sweep(
                experiment,
                options.over,
                values,
                cancel=cancel,
                on_progress=lambda progress: show(f"sweep: {options.over} {progress.fraction:.0%}"),
            )
        if result.points:
            target.write(target.text_of(result))
    if cancel.is_set():
        raise Failure(f"stopped after {len(result.points)} values", INTERRUPTED)
    return 0


def theory(options: argparse.Namespace) -> int:
    experiment, target = experiment_of(options), destination(options)
    from tui_initflow.theory.outlook import theory_of

    with progress_line() as show:
        show("theory")
        text = target.text_of(theory_of(experiment, TRAINABLE))
    target.write(text)
    return 0


def check(options: argparse.Namespace) -> int:
    """`tui-initflow check`: 0 if the network is healthy, 1 if it is not."""
    (experiment, settings), target = checked_training_of(options), destination(options)
    # only method a is judged; b is whatever is cheap to draw
    standard = {name: SETTINGS[name].default for name in ("gain_b", "block_b", "norm_b", "branch_scale_b")}
    experiment = experiment.with_(b="uniform" if experiment.a == "normal" else "normal", **standard)
    with interruptible() as cancel:
        from tui_initflow.findings.health import examine

        with progress_line() as show:
            results = _simulated(experiment, cancel, _counter(show))
            training = None
            if settings is not None and not cancel.is_set():
                from tui_initflow.cli.training import trained
                from tui_initflow.training.data import load_data

                show("training")
                training = trained(experiment.with_(runs=TRAININGS), settings, load_data(settings.data), cancel)
            show("theory")
            health = examine(results, options.min_gradient, training)
        target.write(target.text_of(health))
    if cancel.is_set():
        raise _stopped(results.runs, experiment)
    return 0 if health.problem is None else UNHEALTHY


def train(options: argparse.Namespace) -> int:
    # which other commands do not need
    from tui_initflow.cli.training import train

    return train(options)


def show_registries(options: argparse.Namespace) -> int:
    target = destination(options)
    from tui_initflow.export.listing import listing

    target.write(target.text_of(listing()))
    return 0


def completion(options: argparse.Namespace) -> int:
    try:
        import shtab
    except ImportError:
        raise Failure("needs the extra 'completion': pip install 'tui-initflow[completion]'", FAILED) from None
    known = parsers()
    for parser in (known.app, *known.commands.values()):
        for action in parser._actions:
            if action.dest in SETTINGS and isinstance(SETTINGS[action.dest].kind, InitialiserName):
                # expressions are allowed too, but only names can be listed
                action.choices = tuple(INITIALISERS)
            elif action.dest in ("output", "file", "record"):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(known.app, options.shell))
    return 0


def app(options: argparse.Namespace) -> int:
    start = start_of(options)
    if "plain" in options:
        return plain(options, start)
    last, config, notices = start
    in_a_browser = "TEXTUAL_DRIVER" in os.environ
    # Textual reads the first, draws on the last and asks the middle one for its size
    for stream in () if in_a_browser else (sys.stdin, sys.stdout, sys.stderr):
        if stream is None or not stream.isatty():
            raise Failure(f"the app needs a terminal; without one, use '{PROGRAM} --plain' or '{PROGRAM} run'")
    if os.environ.get("TERM") == "dumb":
        raise Failure(f"the app cannot draw where TERM is dumb; use '{PROGRAM} --plain' or '{PROGRAM} run'")
    # over SSH every frame of an animation is sent; Textual reads this when it is imported
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from tui_initflow.storage.config import ConfigError
    from tui_initflow.tui.app import InitflowApp
    from tui_initflow.tui.keys import NO_KEYS, checked

    keys = NO_KEYS
    if config is not None:
        try:
            keys = checked(config.keys())
        except ConfigError as error:
            notices.append(f"Ignored: {error}")
    recording = recording_of(options)
    screen = InitflowApp(
        last.experiment,
        getattr(options, "theme", last.theme),
        theory=last.theory,
        files=last.files,
        config=config,
        keys=keys,
        notices=notices,
        recording=recording,
    )
    screen.run()
    if recording is not None:
        recording.close()
        if recording.problem:
            raise Failure(f"--record: the recording is incomplete: {recording.problem}", FAILED)
    return screen.return_code or 0


COMMANDS: Mapping[str | None, Callable[[argparse.Namespace], int]] = {
    None: app,
    "run": run,
    "sweep": sweep,
    "theory": theory,
    "check": check,
    "train": train,
    "inspect": inspect,
    "list": show_registries,
    "completion": completion,
}

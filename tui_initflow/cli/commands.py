"""What each command does. Nothing heavy is imported before it is needed: `run` waits for no user interface."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_initflow.cli.destination import Destination, destination
from tui_initflow.cli.failure import INTERRUPTED, UNHEALTHY, Failure, say
from tui_initflow.cli.options import (
    DEFAULT_RUNS,
    DEFAULT_SWEEP_RUNS,
    describes_an_experiment,
    experiment_of,
    option_failure,
    parse_values,
)
from tui_initflow.cli.progress import interruptible, progress_line
from tui_initflow.export.command_line import PROGRAM
from tui_initflow.findings.status import TRAINABLE
from tui_initflow.model.experiment import SIZES, Experiment
from tui_initflow.model.settings import SettingError

if TYPE_CHECKING:
    import threading

    from tui_initflow.cli.progress import ProgressLine
    from tui_initflow.engine.results import Results


def run(options: argparse.Namespace) -> int:
    """`tui-initflow run`."""
    experiment, target = experiment_of(options), destination(options)
    if target.format.name == "jsonl" and target.path is None:
        return _stream(experiment, target)
    with interruptible() as cancel:
        with progress_line() as line:
            results = _simulated(experiment, cancel, line)
            line.show(f"writing {target.format.name}")
            if results is None:
                return _stopped(0, experiment)
            target.write(results)
        return _stopped(results.runs, experiment) if results.runs < experiment.runs else 0


def _simulated(experiment: Experiment, cancel: threading.Event, line: ProgressLine) -> Results | None:
    """The runs, as many as are done when it is cancelled; None where that is not even one."""
    from tui_initflow.engine.runs import Cancelled, simulate

    try:
        return simulate(
            experiment,
            cancel=cancel,
            on_progress=lambda progress: line.show(f"runs {progress.done}/{progress.total}"),
        )
    except Cancelled:
        return None


def _stream(experiment: Experiment, target: Destination) -> int:
    """Write runs as they complete; these lines are the progress."""
    done = 0
    with interruptible() as cancel:
        from tui_initflow.engine.runs import Cancelled, Progress, simulate
        from tui_initflow.export.json import to_json_lines

        def progressed(progress: Progress) -> None:
            nonlocal done
            target.write_text(to_json_lines(progress.partial(), done))
            done = progress.done

        with suppress(Cancelled):
            simulate(experiment, cancel=cancel, on_progress=progressed)
    return _stopped(done, experiment) if done < experiment.runs else 0


def _stopped(done: int, experiment: Experiment) -> int:
    say(f"stopped after {done} of {experiment.runs} runs" if done else "stopped before the first run was done")
    return INTERRUPTED


def sweep(options: argparse.Namespace) -> int:
    """`tui-initflow sweep`."""
    if options.over is None:
        raise Failure(f"--over: a value is missing; one of {', '.join(SIZES)}")
    experiment, target = experiment_of(options, DEFAULT_SWEEP_RUNS), destination(options)
    values = None if options.values is None else parse_values(options.over, options.values)
    with interruptible() as cancel:
        from tui_initflow.engine.sweep import sweep as simulated_sweep

        with progress_line() as line:
            try:
                result = simulated_sweep(
                    experiment,
                    options.over,
                    values,
                    cancel=cancel,
                    on_progress=lambda progress: line.show(f"sweep: {options.over} {progress.fraction:.0%}"),
                )
            except SettingError as error:
                raise option_failure(error) from None
        if cancel.is_set():
            say(f"stopped after {len(result.points)} values")
        if result.points:
            target.write(result)
        return INTERRUPTED if cancel.is_set() else 0


def theory(options: argparse.Namespace) -> int:
    """`tui-initflow theory`."""
    experiment, target = experiment_of(options), destination(options)
    from tui_initflow.theory.outlook import theory_of

    with progress_line() as line:
        line.show("theory")
        result = theory_of(experiment, TRAINABLE)
    target.write(result)
    return 0


def check(options: argparse.Namespace) -> int:
    """`tui-initflow check`: 0 when the network is healthy, 1 when it is not."""
    experiment, target = experiment_of(options), destination(options)
    # one method is asked about; the other one is drawn cheaply and not looked at
    experiment = experiment.with_(b="uniform" if experiment.a == "normal" else "normal", gain_b=1.0)
    with interruptible() as cancel:
        from tui_initflow.findings.health import examine

        with progress_line() as line:
            results = _simulated(experiment, cancel, line)
            if results is None:
                return _stopped(0, experiment)
            line.show("theory")
            health = examine(results, options.min_gradient)
        target.write(health)
        if cancel.is_set():
            return INTERRUPTED
    return 0 if health.problem is None else UNHEALTHY


def show_registries(options: argparse.Namespace) -> int:
    """`tui-initflow list`."""
    target = destination(options)
    from tui_initflow.export.listing import listing

    target.write(listing())
    return 0


def completion(options: argparse.Namespace) -> int:
    """`tui-initflow completion`."""
    from tui_initflow.cli.completion import completion_script

    print(completion_script(options.shell))
    return 0


def app(options: argparse.Namespace) -> int:
    """The app."""
    experiment = experiment_of(options)
    in_a_browser = "TEXTUAL_DRIVER" in os.environ
    # Textual reads the first, draws on the last and asks the middle one for its size
    for stream in () if in_a_browser else (sys.stdin, sys.stdout, sys.stderr):
        if stream is None or not stream.isatty():
            raise Failure(f"the app needs a terminal; without one use '{PROGRAM} run' or '{PROGRAM} sweep'")
    if os.environ.get("TERM") == "dumb":
        raise Failure(f"the app needs a terminal that can move its cursor, and TERM is dumb; use '{PROGRAM} run'")
    # every frame of an animation crosses the network; read when Textual is imported
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from tui_initflow.storage.config import Config, ConfigError, LastSession, default_folder

    config, notice = None if options.no_config else Config(default_folder(), Experiment(runs=DEFAULT_RUNS)), None
    last = LastSession(experiment)
    if config is not None:
        try:
            last = config.last_session() or last
        except ConfigError as error:
            notice = f"Not used: {error}"
    if describes_an_experiment(options):
        last = replace(last, experiment=experiment)
    from tui_initflow.tui.app import InitflowApp

    screen = InitflowApp(
        last.experiment,
        getattr(options, "theme", last.theme),
        theory=last.theory,
        config=config,
        notice=notice,
    )
    screen.run()
    return screen.return_code or 0


COMMANDS: dict[str | None, Callable[[argparse.Namespace], int]] = {
    None: app,
    "run": run,
    "sweep": sweep,
    "theory": theory,
    "check": check,
    "list": show_registries,
    "completion": completion,
}

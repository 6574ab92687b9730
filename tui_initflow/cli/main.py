"""The command line: the app when nothing else is asked for, `run` and `sweep` for scripts.

Nothing heavy is imported before it is needed: `--help` waits for no numpy, `run` for no user interface.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from tui_initflow.cli.destination import Destination, destination
from tui_initflow.cli.failure import INTERRUPTED, PIPE_CLOSED, UNHEALTHY, Failure
from tui_initflow.cli.options import (
    DEFAULT_SWEEP_RUNS,
    PROGRAM,
    SWEPT,
    describes_an_experiment,
    experiment_of,
    option_failure,
    parse_values,
    parsers,
)
from tui_initflow.cli.progress import interruptible, progress_line
from tui_initflow.model.experiment import Experiment, SettingError


def _say(text: str) -> None:
    print(f"{PROGRAM}: {text}", file=sys.stderr)


def run(options: argparse.Namespace) -> int:
    """`tui-initflow run`."""
    experiment, target = experiment_of(options), destination(options)
    if target.format == "jsonl" and target.path is None:
        return _stream(experiment, target)
    with interruptible() as cancel:
        from tui_initflow.engine.runs import Cancelled, Progress, simulate
        from tui_initflow.export.writers import written_run

        try:
            with progress_line() as line:

                def progressed(progress: Progress) -> None:
                    line.show(f"runs {progress.done}/{progress.total}")

                results = simulate(experiment, cancel=cancel, on_progress=progressed)
                line.show(f"writing {target.format}")
                text = written_run(results, target)
        except Cancelled:
            return _stopped(0, experiment)
        status = _stopped(results.runs, experiment) if results.runs < experiment.runs else 0
        target.write(text)
    return status


def _stream(experiment: Experiment, target: Destination) -> int:
    """Write runs as they complete; these lines are the progress."""
    done = 0
    with interruptible() as cancel:
        from tui_initflow.engine.runs import Cancelled, Progress, simulate
        from tui_initflow.export.text import run_lines

        def progressed(progress: Progress) -> None:
            nonlocal done
            target.write(run_lines(progress.partial(), done))
            done = progress.done

        with suppress(Cancelled):
            simulate(experiment, cancel=cancel, on_progress=progressed)
    return _stopped(done, experiment) if done < experiment.runs else 0


def _stopped(done: int, experiment: Experiment) -> int:
    _say(f"stopped after {done} of {experiment.runs} runs" if done else "stopped before the first run was done")
    return INTERRUPTED


def sweep(options: argparse.Namespace) -> int:
    """`tui-initflow sweep`."""
    if options.over is None:
        raise Failure(f"--over: a value is missing; one of {', '.join(SWEPT)}")
    experiment, target = experiment_of(options, DEFAULT_SWEEP_RUNS), destination(options)
    values = None if options.values is None else parse_values(options.over, options.values)
    with interruptible() as cancel:
        from tui_initflow.engine.sweep import SweepProgress
        from tui_initflow.engine.sweep import sweep as simulate_sweep
        from tui_initflow.export.writers import written_sweep

        with progress_line() as line:

            def progressed(progress: SweepProgress) -> None:
                line.show(f"sweep: {options.over} {progress.fraction:.0%}")

            try:
                result = simulate_sweep(experiment, options.over, values, cancel=cancel, on_progress=progressed)
            except SettingError as error:
                raise option_failure(error) from None
        stopped = cancel.is_set()
        if stopped:
            _say(f"stopped after {len(result.points)} values")
            if not result.points:
                return INTERRUPTED
        target.write(written_sweep(result, target))
    return INTERRUPTED if stopped else 0


def theory(options: argparse.Namespace) -> int:
    """`tui-initflow theory`."""
    experiment, target = experiment_of(options), destination(options)
    from tui_initflow.export.theory import reports
    from tui_initflow.export.writers import written_theory

    with progress_line() as line:
        line.show("theory")
        found = reports(experiment)
    target.write(written_theory(experiment, found, target))
    return 0


def check(options: argparse.Namespace) -> int:
    """`tui-initflow check`: 0 when the network is healthy, 1 when it is not."""
    # one method is asked about; the other one is not looked at
    experiment, target = experiment_of(options), destination(options)
    experiment = experiment.with_(b="uniform" if experiment.a == "normal" else "normal", gain_b=1.0)
    with interruptible() as cancel:
        from tui_initflow.engine.runs import Cancelled, Progress, simulate
        from tui_initflow.findings.health import HEALTH_WRITERS, examine

        try:
            with progress_line() as line:

                def progressed(progress: Progress) -> None:
                    line.show(f"runs {progress.done}/{progress.total}")

                results = simulate(experiment, cancel=cancel, on_progress=progressed)
                line.show("theory")
                health = examine(results, options.min_gradient)
        except Cancelled:
            return _stopped(0, experiment)
        target.write(HEALTH_WRITERS[target.format](health))
    if cancel.is_set():
        return INTERRUPTED
    return 0 if health.problem is None else UNHEALTHY


def list_registries(options: argparse.Namespace) -> int:
    """`tui-initflow list`."""
    target = destination(options)
    from tui_initflow.export.listing import LIST_WRITERS

    target.write(LIST_WRITERS[target.format]())
    return 0


def completion(options: argparse.Namespace) -> int:
    """`tui-initflow completion`."""
    from tui_initflow.cli.completion import completion_script

    print(completion_script(options.shell))
    return 0


def app(options: argparse.Namespace) -> int:
    """The app."""
    # Textual reads the first, draws on the last and asks the middle one for its size
    experiment = experiment_of(options)
    in_a_browser = "TEXTUAL_DRIVER" in os.environ
    for stream in () if in_a_browser else (sys.stdin, sys.stdout, sys.stderr):
        if stream is None or not stream.isatty():
            raise Failure(f"the app needs a terminal; without one use '{PROGRAM} run' or '{PROGRAM} sweep'")
    if os.environ.get("TERM") == "dumb":
        raise Failure(f"the app needs a terminal that can move its cursor, and TERM is dumb; use '{PROGRAM} run'")
    # every frame of an animation crosses the network; read when Textual is imported
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from tui_initflow.storage.config import Config, ConfigError, Session, default_folder

    config, notice = None if options.no_config else Config(default_folder()), None
    session = Session(experiment)
    if config is not None:
        try:
            session = config.session() or session
        except ConfigError as error:
            notice = f"Not used: {error}"
    if describes_an_experiment(options):
        session = replace(session, experiment=experiment)
    from tui_initflow.tui.app import InitflowApp

    screen = InitflowApp(
        session.experiment,
        getattr(options, "theme", session.theme),
        theory=session.theory,
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
    "list": list_registries,
    "completion": completion,
}


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; the exit status.

    Raises:
        SystemExit: help or the version was asked for, or the arguments are wrong.
    """
    known = parsers()
    options, unknown = known.app.parse_known_args(arguments)
    parser = known.commands.get(options.command, known.app)
    if unknown:
        parser.refuse_unknown(unknown)
    if options.command is not None and "theme" in options:
        parser.error("--theme: belongs to the app, not to this command")
    try:
        return COMMANDS[options.command](options)
    except Failure as failure:
        print(f"{parser.prog}: {failure}", file=sys.stderr)
        return failure.status


def entry() -> int:
    """The console command."""
    # the runs are spread over our own threads; set before numpy is imported
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    try:
        try:
            return main(sys.argv[1:])
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        # the interpreter flushes once more when it ends; let that go nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED

"""What each command does. Heavy modules are imported when they are needed: `run` never loads the user interface."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping

from tui_initflow import lab
from tui_initflow.cli.cluster import cluster_of, has_ended_early, stopped
from tui_initflow.cli.described import checked_training_of, experiment_of, parse_values
from tui_initflow.cli.destination import Destination, destination
from tui_initflow.cli.diagnostics import FAILED, UNHEALTHY, Failure, interruptible, summary
from tui_initflow.cli.inspect import inspect
from tui_initflow.cli.interrupts import INTERRUPTED, leave_to_asyncio
from tui_initflow.cli.options import DEFAULT_SWEEP_RUNS, GRID_OVER, parsers
from tui_initflow.cli.resume import KeptRuns, kept_runs
from tui_initflow.cli.start import plain, recording_of, start_of
from tui_initflow.cli.streams import print_out, progress_line
from tui_initflow.findings.snippets import PROGRAM
from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.settings import InitialiserName
from tui_initflow.storage.files import record


def run(options: argparse.Namespace) -> int:
    experiment, kept = experiment_of(options), kept_runs(options)
    earlier = None if kept is None else kept.read(experiment)
    if earlier is not None:
        # what was written beside them is of no more runs
        options.force = True
    target = destination(options)
    with interruptible() as cancel, cluster_of(options, cancel) as cluster:
        if target.format.name == "jsonl" and target.path is None:
            results = _run_of(lab.run(experiment, cancel, _stream(target), place=cluster), experiment, cluster)
        else:
            with progress_line() as show:
                report = _shown(show, kept)
                done = lab.run(experiment, cancel, report, before=earlier, place=cluster)
                results = _run_of(done, experiment, cluster)
                if kept is not None and results.runs < experiment.runs:
                    kept.keep(results)
                show(f"writing {target.format.name}")
                text = target.text_of(lab.Findings(results))
            # the line is cleared first: on a terminal, the text would begin behind it
            target.write(text)
    if results.runs < experiment.runs:
        raise _stopped(results.runs, experiment, cluster)
    if kept is not None:
        kept.remove()
    return 0


def _run_of(results: lab.Results | None, experiment: Experiment, cluster: lab.Cluster | None = None) -> lab.Results:
    """The results; Failure if no run was complete."""
    if results is None:
        raise _stopped(0, experiment, cluster)
    return results


def _shown(show: Callable[[str], None], kept: KeptRuns | None) -> Callable[[lab.Progress[lab.Results]], None]:
    def report(progress: lab.Progress[lab.Results]) -> None:
        show(progress.text)
        if kept is not None:
            kept.keep_now_and_then(progress)

    return report


def _stream(target: Destination) -> Callable[[lab.Progress[lab.Results]], None]:
    """Writes runs as they complete, which shows the progress too."""
    from tui_initflow.export.data import to_json_lines
    from tui_initflow.export.run import lines

    written = 0

    def write_new(progress: lab.Progress[lab.Results]) -> None:
        nonlocal written
        target.write(to_json_lines(lines(lab.Findings(progress.partial()), written)))
        written = progress.done

    return write_new


def _stopped(done: int, experiment: Experiment, cluster: lab.Cluster | None = None) -> Failure:
    extent = f"after {done} of {experiment.runs} runs" if done else "before the first run was complete"
    return stopped(extent, cluster)


def sweep(options: argparse.Namespace) -> int:
    if options.over is None:
        raise Failure(f"--over: required; must be one of {', '.join(SIZES)}")
    experiment, target = experiment_of(options, DEFAULT_SWEEP_RUNS), destination(options)
    values = None if options.values is None else parse_values(options.over, options.values)
    with interruptible() as cancel, cluster_of(options, cancel) as cluster:
        with progress_line() as show:
            report = lambda progress: show(progress.text)  # noqa: E731
            result = lab.sweep(experiment, options.over, values, cancel=cancel, on_progress=report, executor=cluster)
        if result.points:
            target.write(target.text_of(result))
    if has_ended_early(cancel, cluster):
        raise stopped(f"after {len(result.points)} values", cluster)
    return 0


def grid(options: argparse.Namespace) -> int:
    if options.over is None:
        raise Failure(f"--over: required; must be one of {', '.join(GRID_OVER)}")
    experiment, target = experiment_of(options, DEFAULT_SWEEP_RUNS), destination(options)
    if experiment.widths is not None:
        raise Failure("--widths: a list of widths has no depth to vary; use --layers and --neurons instead")
    with interruptible() as cancel, cluster_of(options, cancel) as cluster:
        with progress_line() as show:
            plan = lab.whole_grid(experiment, (options.over, options.against))
            report = lambda progress: show(progress.text)  # noqa: E731
            result = lab.compute_grid(plan, cancel=cancel, on_progress=report, executor=cluster)
        if result.done.any():
            target.write(target.text_of(result))
    if has_ended_early(cancel, cluster):
        raise stopped(f"after {result.done.sum()} of {result.done.size} cells", cluster)
    return 0


def theory(options: argparse.Namespace) -> int:
    experiment, target = experiment_of(options), destination(options)
    with interruptible() as cancel, progress_line() as show:
        show("theory")
        theory = lab.theory(experiment, cancel)
        if theory is None:
            raise Failure("stopped before the prediction was complete", INTERRUPTED)
        text = target.text_of(theory)
    target.write(text)
    return 0


def check(options: argparse.Namespace) -> int:
    """`tui-initflow check`: 0 if the network is healthy, 1 if it is not."""
    (experiment, settings), target = checked_training_of(options), destination(options)
    with interruptible() as cancel:
        with progress_line() as show:
            health = lab.check(experiment, options.min_gradient, settings, cancel, lambda progress: show(progress.text))
        if health is None:
            raise Failure("stopped before the verdict was complete", INTERRUPTED)
        target.write(target.text_of(health))
    return 0 if health.problem is None else UNHEALTHY


def train(options: argparse.Namespace) -> int:
    # which other commands do not need
    from tui_initflow.cli.training import train

    return train(options)


def show_registries(options: argparse.Namespace) -> int:
    target = destination(options)
    target.write(target.text_of(lab.listing()))
    return 0


def story(options: argparse.Namespace) -> int:
    """In the app, or all of it as a hand-out."""
    if options.output_format is None and options.output is None:
        return app(options)
    target = destination(options)
    with interruptible() as cancel:
        from tui_initflow.story.outcome import play_all

        with progress_line() as show:
            story = play_all(cancel, lambda progress: show(progress.text))
            if story is None:
                raise Failure("stopped before the last step was complete", INTERRUPTED)
            text = target.text_of(story)
        target.write(text)
    return 0


def code(options: argparse.Namespace) -> int:
    experiment, target = experiment_of(options), destination(options)
    target.write(target.text_of((experiment.network, experiment.methods[options.method])))
    return 0


def tell(options: argparse.Namespace) -> int:
    # which other commands do not need
    from tui_initflow.cli.topics import tell

    return tell(options)


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
            elif action.dest in ("output", "files", "record"):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    print_out(f"{shtab.complete(known.app, options.shell)}\n")
    return 0


def app(options: argparse.Namespace) -> int:
    start = start_of(options)
    if "plain" in options:
        return plain(options, start)
    last, config, notices = start
    tells = options.command == "story"
    others = f"'{PROGRAM} story --markdown'" if tells else f"'{PROGRAM} --plain' or '{PROGRAM} run'"
    in_a_browser = "TEXTUAL_DRIVER" in os.environ
    # Textual reads the first, draws on the last and asks the middle one for its size
    for stream in () if in_a_browser else (sys.stdin, sys.stdout, sys.stderr):
        if stream is None or not stream.isatty():
            raise Failure(f"the app needs a terminal; without one, use {others}")
    if os.environ.get("TERM") == "dumb":
        raise Failure(f"the app cannot draw where TERM is dumb; use {others}")
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
        opening=f"story({options.pace})" if tells else "sweep" if options.no_run else "run_once",
    )
    leave_to_asyncio()
    try:
        screen.run()
    except Exception as error:
        screen.crash = error
    if recording is not None:
        recording.close()
    if screen.crash is not None:
        raise Failure(f"the app failed: {summary(screen.crash)}. To report it, {record(screen.crash)}", FAILED)
    if recording is not None and recording.problem:
        raise Failure(f"--record: the recording is incomplete: {recording.problem}", FAILED)
    # there is none where Textual ends without being asked to
    return FAILED if screen.return_code is None else screen.return_code


COMMANDS: Mapping[str | None, Callable[[argparse.Namespace], int]] = {
    None: app,
    "run": run,
    "sweep": sweep,
    "grid": grid,
    "theory": theory,
    "check": check,
    "train": train,
    "inspect": inspect,
    "story": story,
    "code": code,
    "list": show_registries,
    "help": tell,
    "completion": completion,
}

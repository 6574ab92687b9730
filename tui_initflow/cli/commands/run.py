"""Simulate and print the result."""

from __future__ import annotations

import argparse

from tui_initflow import lab
from tui_initflow.cli.destination import add_output, destination_of
from tui_initflow.cli.parser import Parser
from tui_initflow.cli.resume import kept_runs
from tui_initflow.cli.settings import add_settings, experiment_of
from tui_initflow.cli.work import add_cluster, add_workers, place_of, working

EXAMPLES = """\
  tui-initflow run --layers 40 --a glorot-uniform
  tui-initflow run --a he-normal --b orthogonal --activation relu --plot
  tui-initflow run --layers 50 --block-a pre-norm --norm-a layer
  tui-initflow run --runs 1000 --json | python -m json.tool
  tui-initflow run --runs 100000 --jsonl | head -1
  tui-initflow run --runs 200 -o report.md --force
  tui-initflow run --runs 100000 -o result.json --resume
  tui-initflow run --runs 100000 --cluster local:8 --json
  tui-initflow run --plot --color always | less -R
"""


def add_options(parser: Parser) -> None:
    add_workers(parser)
    add_cluster(parser)
    parser.add_argument(
        "--resume", action="store_true", help="keep the runs done beside FILE, and go on after those kept before"
    )
    add_settings(parser)
    add_output(parser, "run")


def run(options: argparse.Namespace) -> int:
    experiment = experiment_of(vars(options))
    kept = kept_runs(options.output) if options.resume else None
    earlier = None if kept is None else kept.read(experiment)
    # what was written beside runs that are kept is of no more runs
    target = destination_of(options, force=earlier is not None)

    with working(place_of(options)) as work:

        def report(progress: lab.Progress[lab.Results]) -> None:
            work.report(progress)
            if kept is not None:
                kept.keep_now_and_then(progress)

        follow = target.lines(lab.Findings) if target.takes_lines else report
        done = lab.run(experiment, work.cancel, follow, before=earlier, place=work.place)
        results = work.required(done, "before the first run was complete")
        is_complete = results.runs == experiment.runs
        if kept is not None and not is_complete:
            kept.keep(results)
        if not target.takes_lines:
            work.write(lab.Findings(results), target)
    if not is_complete:
        raise work.stopped(f"after {results.runs} of {experiment.runs} runs")
    if kept is not None:
        kept.remove()
    return 0

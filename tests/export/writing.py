"""Any result in any format, by the file that tells it: a caller knows which one it has, tests have one of each."""

from __future__ import annotations

from functools import partial
from typing import Any

from tui_initflow.engine.grid import GridResult
from tui_initflow.engine.results import Results
from tui_initflow.engine.sweep import SweepResult
from tui_initflow.export import run, train
from tui_initflow.export.data import to_json_lines as lines_of_json
from tui_initflow.export.formats import FORMATS
from tui_initflow.export.render import Terminal
from tui_initflow.findings.health import Health
from tui_initflow.findings.inspection import Inspection, Movement
from tui_initflow.findings.learning import TrainedMap
from tui_initflow.lab import Findings
from tui_initflow.theory.outlook import Theory
from tui_initflow.training.results import TrainingResult

KINDS = {
    Findings: "run",
    SweepResult: "sweep",
    GridResult: "grid",
    Theory: "theory",
    Health: "check",
    TrainingResult: "train",
    TrainedMap: "map",
    Inspection: "inspect",
    Movement: "compare",
    dict: "list",
}


def written(name: str, result: Any, terminal: Terminal | None = None) -> str:
    """The text of a result in a format."""
    told = Findings(result) if isinstance(result, Results) else result
    return FORMATS[name].write(KINDS[type(told)], told, lambda: terminal or Terminal())


to_json, to_csv, to_csv_by_run = (partial(written, name) for name in ("json", "csv", "csv-runs"))
to_markdown, to_plot, to_text = (partial(written, name) for name in ("markdown", "plot", "text"))


def to_json_lines(result: Results | TrainingResult, done: int = 0) -> str:
    """The lines without the first `done` of them, as they are streamed."""
    rows = run.lines(Findings(result), done) if isinstance(result, Results) else train.lines(result, done)
    return lines_of_json(rows)

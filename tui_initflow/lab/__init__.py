"""The lab: everything that is computed, once, for every face of the program, and the session that keeps it.

The faces, `cli` and `tui`, ask here for what the rooms below compute, and never go there themselves. This is their one
door to numpy: the names are loaded on first use, so a face that must not wait asks for them in a thread. It may import
everything but the faces, `export`, `story` and `pages`.
"""

from typing import TYPE_CHECKING

from tui_initflow import loaded_on_first_use

if TYPE_CHECKING:
    from tui_initflow.checkpoints.changes import Track
    from tui_initflow.checkpoints.scan import TensorHistogram
    from tui_initflow.checkpoints.sources import ChainError, ChangedError, CheckpointError
    from tui_initflow.checkpoints.tensors import Checkpoint
    from tui_initflow.cluster.address import ADDRESSES, Address, parse_address
    from tui_initflow.cluster.executor import Cluster
    from tui_initflow.cluster.opening import Unreachable
    from tui_initflow.engine.grid import Axes, Cell, GridResult
    from tui_initflow.engine.pool import Executor, Progress, Report
    from tui_initflow.engine.processes import Processes
    from tui_initflow.engine.processors import BLAS_THREADS
    from tui_initflow.engine.results import Results
    from tui_initflow.engine.runs import Collected
    from tui_initflow.engine.sweep import SweepResult
    from tui_initflow.findings.remedies import try_remedies
    from tui_initflow.findings.summary import Summary, summarise
    from tui_initflow.lab.places import cluster_at
    from tui_initflow.lab.readings import bins_of, compare, inspect, opened, read_again
    from tui_initflow.lab.registries import listing
    from tui_initflow.lab.simulations import Findings, grid, plane, quick_sweep, run, sweep
    from tui_initflow.lab.studies import check, load_data, theory, train, train_map
    from tui_initflow.theory.outlook import Theory, with_critical_gains
    from tui_initflow.training.data import Dataset
    from tui_initflow.training.results import TrainingResult

_HOMES = {
    "tui_initflow.checkpoints.changes": ("Track",),
    "tui_initflow.checkpoints.scan": ("TensorHistogram",),
    "tui_initflow.checkpoints.sources": ("ChainError", "ChangedError", "CheckpointError"),
    "tui_initflow.checkpoints.tensors": ("Checkpoint",),
    "tui_initflow.cluster.address": ("ADDRESSES", "Address", "parse_address"),
    "tui_initflow.cluster.executor": ("Cluster",),
    "tui_initflow.cluster.opening": ("Unreachable",),
    "tui_initflow.engine.grid": ("Axes", "Cell", "GridResult"),
    "tui_initflow.engine.pool": ("Executor", "Progress", "Report"),
    "tui_initflow.engine.processes": ("Processes",),
    "tui_initflow.engine.processors": ("BLAS_THREADS",),
    "tui_initflow.engine.results": ("Results",),
    "tui_initflow.engine.runs": ("Collected",),
    "tui_initflow.engine.sweep": ("SweepResult",),
    "tui_initflow.findings.remedies": ("try_remedies",),
    "tui_initflow.findings.summary": ("Summary", "summarise"),
    "tui_initflow.lab.places": ("cluster_at",),
    "tui_initflow.lab.readings": ("bins_of", "compare", "inspect", "opened", "read_again"),
    "tui_initflow.lab.registries": ("listing",),
    "tui_initflow.lab.simulations": ("Findings", "grid", "plane", "quick_sweep", "run", "sweep"),
    "tui_initflow.lab.studies": ("check", "load_data", "theory", "train", "train_map"),
    "tui_initflow.theory.outlook": ("Theory", "with_critical_gains"),
    "tui_initflow.training.data": ("Dataset",),
    "tui_initflow.training.results": ("TrainingResult",),
}
__all__ = [
    "ADDRESSES",
    "BLAS_THREADS",
    "Address",
    "Axes",
    "Cell",
    "ChainError",
    "ChangedError",
    "Checkpoint",
    "CheckpointError",
    "Cluster",
    "Collected",
    "Dataset",
    "Executor",
    "Findings",
    "GridResult",
    "Processes",
    "Progress",
    "Report",
    "Results",
    "Summary",
    "SweepResult",
    "TensorHistogram",
    "Theory",
    "Track",
    "TrainingResult",
    "Unreachable",
    "bins_of",
    "check",
    "cluster_at",
    "compare",
    "grid",
    "inspect",
    "listing",
    "load_data",
    "opened",
    "parse_address",
    "plane",
    "quick_sweep",
    "read_again",
    "run",
    "summarise",
    "sweep",
    "theory",
    "train",
    "train_map",
    "try_remedies",
    "with_critical_gains",
]

__getattr__ = loaded_on_first_use(__name__, _HOMES)

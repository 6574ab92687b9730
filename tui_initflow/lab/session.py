"""The state of a face: the settings, the results computed for them, and what of these is shown.

The face asks it what to compute and gives it the results. A change of settings drops everything that belonged to the
old ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_initflow.findings.snippets import code_command, command_line, pytorch_module, training_command
from tui_initflow.model.cost import expected_seconds
from tui_initflow.model.experiment import SIZES, Experiment
from tui_initflow.model.network import AppliedMethod, Network
from tui_initflow.model.number_formats import NO_FORMAT, NUMBER_FORMATS
from tui_initflow.model.pair import Side
from tui_initflow.model.presets import PRESETS
from tui_initflow.model.training import TRAININGS, TrainingSettings
from tui_initflow.storage.config import LastSession, Theme

if TYPE_CHECKING:
    from tui_initflow.engine.pool import Executor
    from tui_initflow.engine.results import Results
    from tui_initflow.engine.sweep import SweepResult
    from tui_initflow.findings.summary import Summary
    from tui_initflow.theory.outlook import Theory
    from tui_initflow.training.results import TrainingResult

TELLING = 0.5
"""Seconds from which on the time that runs took says how fast the machine is."""


class Session:
    """`experiment` holds the settings with a single run; `many` is the number of runs of the second run button."""

    def __init__(
        self,
        experiment: Experiment,
        *,
        theory: bool = False,
        files: Sequence[str] = (),
        place: Executor | None = None,
    ) -> None:
        self.experiment = experiment.with_(runs=1)
        self.many = experiment.runs
        self.focused: Side = "a"
        """The method that keys for one method act on."""
        self.theory_wanted = theory
        self.batch = 1
        """Runs to simulate after a change of settings: as many as were last asked for."""
        self.results: Results | None = None
        self.theory: Theory | None = None
        self.sweeps: dict[str, SweepResult] = {}
        self.training_settings = TrainingSettings()
        self.trainings = TRAININGS
        """Runs of each method that are trained."""
        self.training: TrainingResult | None = None
        self.files = list(files)
        """Checkpoints opened, the newest first."""
        self._summary: Summary | None = None
        self._pace = 1.0
        """How many times longer runs take here than expected."""
        self.place = place
        """Where what the face asks for is computed; None for this machine's threads."""
        self.kept: Summary | None = None
        """A result to compare later ones with."""

    def is_other(self, experiment: Experiment) -> bool:
        """Whether these are other settings, however many runs they have."""
        return experiment.with_(runs=1) != self.experiment

    def change(self, experiment: Experiment) -> bool:
        """Take other settings; False if they are the same."""
        if not self.is_other(experiment):
            return False
        self.experiment = experiment.with_(runs=1)
        self.results = self._summary = self.theory = self.training = None
        self.sweeps = {}
        return True

    @property
    def swept(self) -> tuple[str, ...]:
        """The settings to sweep: a list of widths has no single number of layers or neurons to vary."""
        return SIZES if self.experiment.widths is None else ("features",)

    @property
    def theory_missing(self) -> bool:
        return self.theory_wanted and self.theory is None

    @property
    def summary(self) -> Summary | None:
        """The findings to show, with theory if it is wanted and known."""
        if self._summary is None:
            return None
        return replace(self._summary, theory=self.theory if self.theory_wanted else None)

    @property
    def shows(self) -> tuple[object, ...]:
        """All that the findings shown are made of; they are others if one of these is another object."""
        return (self._summary, self.theory, self.theory_wanted, self.kept)

    @property
    def runs(self) -> int:
        """How many there are results of."""
        return 0 if self.results is None else self.results.runs

    def more_runs(self, runs: int) -> Experiment:
        """The experiment that has this many runs more than there are.

        Raises:
            SettingError: together, they do not fit in memory.
        """
        self.batch = runs
        return self.experiment.with_(runs=self.runs + runs)

    def to_train(self) -> Experiment:
        return self.experiment.with_(runs=self.trainings)

    def to_inspect(self) -> Experiment:
        """What a checkpoint is sent signals by: the activation, and b to draw beside it."""
        return self.experiment.with_(runs=self.many)

    def change_training(self, settings: TrainingSettings, trainings: int) -> bool:
        """Take other settings of training; False if they are the same."""
        if (settings, trainings) == (self.training_settings, self.trainings):
            return False
        self.training_settings, self.trainings, self.training = settings, trainings, None
        return True

    def expected_seconds(self, runs: int) -> float:
        """Seconds that runs will take, as far as earlier ones tell how fast this machine is."""
        return expected_seconds(self.experiment.with_(runs=runs)) * self._pace

    def took(self, runs: int, seconds: float) -> None:
        """Learn the pace of this machine from runs that took `seconds`; very short ones tell little."""
        if runs and seconds >= TELLING:
            self._pace *= seconds / self.expected_seconds(runs)

    def take_progress(self, summary: Summary) -> None:
        """Show the findings of runs that are still under way."""
        self._summary = summary

    def take_results(self, results: Results, summary: Summary) -> int:
        """Keep all runs done so far; returns how many of them are new."""
        before = self.runs
        self.results, self._summary = results, summary
        return results.runs - before

    def keep(self) -> bool:
        """Keep the present result to compare with, or clear the one that is kept; whether one is kept now."""
        self.kept = self._summary if self.kept is None else None
        return self.kept is not None

    def matched(self) -> Experiment:
        """The settings with matched variance, or the demo's if the variance is matched already."""
        if PRESETS["matched"].is_shown_by(self.experiment):
            return self.experiment.with_(a="uniform")
        return PRESETS["matched"].applied_to(self.experiment)

    def in_next_format(self) -> Experiment:
        """The settings with the number format after this one; none again after the last."""
        names = (NO_FORMAT, *NUMBER_FORMATS)
        return self.experiment.with_(format=names[(names.index(self.experiment.format) + 1) % len(names)])

    def command(self) -> str:
        """The command that starts the app with these settings; with `run`, it prints the same numbers here."""
        return command_line(self.experiment.with_(runs=self.runs or self.many))

    def training_command(self) -> str:
        """The command that trains both methods like this."""
        return training_command(self.to_train(), self.training_settings)

    def focused_network(self) -> tuple[Network, AppliedMethod]:
        """The network, and the focused method of drawing its weights."""
        experiment = self._advised()
        return experiment.network, experiment.methods[self.focused]

    def pytorch(self) -> str:
        """The focused method's network as a module of PyTorch."""
        return pytorch_module(*self.focused_network())

    def pytorch_command(self) -> str:
        """The command that prints it."""
        return code_command(self._advised(), self.focused)

    def _advised(self) -> Experiment:
        """The settings, with the gain that is advised for the focused method if theory is shown."""
        experiment, summary = self.experiment, self.summary
        if summary is None or summary.theory is None:
            return experiment
        from tui_initflow.findings.advice import advise

        advice = advise(experiment, summary.methods[self.focused], summary.theory.outlooks[self.focused])
        return experiment.with_method(self.focused, gain=advice.gain)

    def opened(self, file: str) -> None:
        """Remember a checkpoint, if its name is text."""
        with suppress(UnicodeEncodeError):
            file.encode()
            self.files = [file, *(other for other in self.files if other != file)]

    def to_keep(self, theme: Theme) -> LastSession:
        """What the app restores at the next start."""
        return LastSession(self.experiment.with_(runs=self.many), theme, self.theory_wanted, tuple(self.files))

"""`tui-initflow --plain`: the app as a conversation, for screen readers and pipes.

A command a line, read from standard input, and a statement a line, written to standard output: no boxes, no colours, no
moving cursor, and ASCII only. To add a command, add a row to the table at the end.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui_initflow import lab
from tui_initflow.cli.destination import destination
from tui_initflow.cli.diagnostics import Failure, interruptible, quoted
from tui_initflow.findings.notation import counted
from tui_initflow.lab.session import Session
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.presets import PRESETS
from tui_initflow.model.settings import CRITICAL, SettingError

if TYPE_CHECKING:
    from tui_initflow.findings.summary import Summary
    from tui_initflow.pages.parts import Part

NOTHING_YET = "nothing has run yet; r runs once"
PROGRESS_EVERY = 2.0
"""Seconds between two announcements of progress, so that speech keeps up."""


class Conversation:
    """The session of the app, told in sentences. `say` writes one of them."""

    def __init__(self, session: Session, say: Callable[[str], None]) -> None:
        self.session = session
        self.say = say

    def answer(self, line: str) -> bool:
        """Do what a line asks; False if it ends the conversation."""
        word, *rest = re.split(r"(?<=\S)[\s=]+", line.strip(), maxsplit=1)
        argument = "".join(rest)
        name = word.lstrip("-").replace("-", "_")
        if word in ENDINGS:
            return False
        try:
            if word in BY_WORD:
                BY_WORD[word].do(self, argument)
            elif name in SETTINGS:
                self.change_setting(name, argument)
            elif word:
                self.say(f"Unknown command {quoted(word)}. ? lists the commands.")
        except (SettingError, Failure) as error:
            self.say(f"Refused: {error}.")
        return True

    # settings

    def change_setting(self, name: str, value: str) -> None:
        """Take a value, or tell the one there is."""
        setting, experiment = SETTINGS[name], self.session.experiment
        if not value:
            present: Any = self.session.many if name == "runs" else setting.of(experiment)
            written = "not set" if present is None else setting.kind.write(present)
            self.say(f"{setting.label}: {written}. Allowed: {setting.kind.allowed}.")
        elif name == "runs":
            self.session.many = int(setting.check(value))
            self.say(f"{setting.label}: {self.session.many}.")
        elif value == CRITICAL:
            self.change(lab.with_critical_gains(experiment, {name: value}))
        else:
            self.change(experiment.with_(**{name: value}))

    def change(self, experiment: Experiment) -> None:
        """Take other settings, and run as often as was last asked for."""
        if not self.session.change(experiment):
            self.say("Nothing has changed.")
            return
        self.tell_settings()
        self.run(self.session.batch)

    def tell_settings(self) -> None:
        from tui_initflow.findings.wording import long_title

        self.say(f"{long_title(self.session.experiment.with_(runs=self.session.many))}.")

    # what there is

    def tell(self, parts: Iterable[Part]) -> None:
        from tui_initflow.export.render import to_statements

        for statement in to_statements(parts):
            self.say(statement)

    def tell_result(self) -> None:
        from tui_initflow.export.run import told

        self.tell(told(self._summary()))

    def tell_layers(self) -> None:
        from tui_initflow.export.run import told_by_layer

        self.tell(told_by_layer(self._summary()))

    def tell_why(self) -> None:
        from tui_initflow.pages.why import explained

        shown, checked = explained(self._summary())
        self.tell([*shown, *checked])

    def tell_theory(self) -> None:
        from tui_initflow.export.theory import told

        with interruptible() as cancel:
            predicted = lab.theory(self.session.experiment, cancel)
        if predicted is None:
            raise Failure("stopped before the prediction was complete")
        self.tell(told(predicted, self.session.summary))

    def tell_commands(self) -> None:
        for line in LINES:
            self.say(f"{', '.join(line.words)}{line.argument}: {line.help}.")
        self.say(f"A setting and a value, as in layers 20: change it and run. The settings: {', '.join(SETTINGS)}.")
        self.say("A setting alone: its value, and what is allowed.")
        self.say(f"{', '.join(ENDINGS)}: quit.")

    def export(self, name: str) -> None:
        """Write the runs to a file, in the format of its extension."""
        results = self.session.results
        if results is None:
            raise Failure(NOTHING_YET)
        if not name:
            raise Failure("e needs the name of a file")
        target = destination("run", name)
        target.write(target.text_of(lab.Findings(results)))
        self.say(f"Wrote {name}.")

    def _summary(self) -> Summary:
        if self.session.summary is None:
            raise Failure(NOTHING_YET)
        return self.session.summary

    # work

    def run(self, runs: int) -> None:
        """Run this many times more, and tell what came of it."""
        session, done = self.session, 0
        self.say(f"Running {counted(runs, 'run')}.")
        with interruptible() as cancel:
            experiment, before = session.more_runs(runs), session.results
            results = lab.run(experiment, cancel, self._announced, before=before, place=session.place)
            if results is not None:
                done = session.take_results(results, lab.summarise(results))
        if done < runs:
            self.say(f"Stopped after {done:,} of {counted(runs, 'run')}.")
        if done:
            self.tell_result()

    def sweep(self, over: str) -> None:
        """Tell which gradient is the larger at every value of a setting."""
        from tui_initflow.pages.sweeps import readout

        if over not in self.session.swept:
            raise Failure(f"sweep needs one of {', '.join(self.session.swept)}")
        with interruptible() as cancel:
            session = self.session
            result = lab.quick_sweep(session.experiment, over, cancel, self._announced, place=session.place)
        for point in result.points:
            self.say(f"{readout(result.experiment, over, point)}.")

    def train(self) -> None:
        """Train both networks, and tell whether they learn."""
        from tui_initflow.export.train import told

        session, settings = self.session, self.session.training_settings
        self.say(f"Training both networks for {counted(settings.steps, 'step')}, after trying learning rates.")
        result = None
        with interruptible() as cancel:
            data = lab.load_data(settings.data, cancel)
            if data is not None:
                to_train, report = session.to_train(), self._announced
                result = lab.train(to_train, settings, data, cancel, report, place=session.place)
        if result is None:
            raise Failure("stopped before the first step was recorded")
        session.training = result
        self.tell(told(result))

    @property
    def _announced(self) -> Callable[[lab.Progress[Any]], None]:
        """Says how far work is, but not too often."""
        due = time.monotonic() + PROGRESS_EVERY

        def report(progress: lab.Progress[Any]) -> None:
            nonlocal due
            if time.monotonic() >= due:
                due = time.monotonic() + PROGRESS_EVERY
                self.say(f"{progress.what.capitalize()}: {progress.done:,} of {progress.total:,}.")

        return report


@dataclass(frozen=True, slots=True)
class Line:
    """What a line does that begins with one of these words: the app's key for it first."""

    words: tuple[str, ...]
    help: str
    do: Callable[[Conversation, str], None]
    argument: str = ""


def _preset(talk: Conversation, name: str) -> None:
    if name not in PRESETS:
        raise Failure(f"preset needs one of {', '.join(PRESETS)}")
    talk.change(PRESETS[name].applied_to(talk.session.experiment))


LINES = (
    Line(("r", "run"), "run once more", lambda talk, _: talk.run(1)),
    Line(("R", "many"), "run as often as runs says", lambda talk, _: talk.run(talk.session.many)),
    Line(("d", "demo"), "the whole demo, U(-1,1) against N(0,1)", lambda talk, _: _preset(talk, "demo")),
    Line(("m", "match"), "matched variance, or the demo again", lambda talk, _: talk.change(talk.session.matched())),
    Line(("l", "rand"), "literal rand(), U[0,1) against N(0,1)", lambda talk, _: _preset(talk, "rand")),
    Line(("o", "preset"), f"one of {', '.join(PRESETS)}", _preset, " NAME"),
    Line(("=", "result"), "the result again", lambda talk, _: talk.tell_result()),
    Line(("2", "table"), "the gradient layer by layer", lambda talk, _: talk.tell_layers()),
    Line(("5", "sweep"), "the ratio at every value of a setting, such as layers", Conversation.sweep, " SETTING"),
    Line(("6", "why"), "what the runs show, and which claims hold", lambda talk, _: talk.tell_why()),
    Line(("t", "theory"), "what theory predicts, and advice", lambda talk, _: talk.tell_theory()),
    Line(("g", "train"), "train both networks on data", lambda talk, _: talk.train()),
    Line(("n", "settings"), "the settings that are compared", lambda talk, _: talk.tell_settings()),
    Line(("e", "export"), "write the runs, in the format of the extension", Conversation.export, " FILE"),
    Line(("c", "command"), "the command for these results", lambda talk, _: talk.say(talk.session.command())),
    Line(("?", "help"), "the commands", lambda talk, _: talk.tell_commands()),
)
ENDINGS = ("q", "quit")
BY_WORD = {word: line for line in LINES for word in line.words}


def converse(session: Session, lines: Iterable[str], say: Callable[[str], None]) -> None:
    """Answer line after line until one of them, or their end, ends it. Ctrl+C stops what is computed."""
    from tui_initflow.export.render import to_ascii

    talk = Conversation(session, lambda text: say(to_ascii(text)))
    talk.tell_settings()
    talk.say("Type a command and Enter. r runs, ? lists the commands, q quits.")
    for line in lines:
        if not talk.answer(line):
            return

"""The one table of steps: settings, question, answers and text of each. To change the story, change this table.

The texts have no numbers of their own: a field such as {a} is filled in from the run (`outcome.facts`), in a question
from the settings alone. Tests hold the names of quantities, as "half", against the ranges of the answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from tui_initflow.model.experiment import Experiment
from tui_initflow.model.training import TrainingSettings

Measure = Literal["left of a", "a over b", "b over a", "gap", "saturated", "critical variance", "accuracy"]
"""What decides a question; `outcome.MEASURES` says how it is computed."""
StoryPane = Literal["gradient", "preactivations", "phase", "train"]
"""What draws the picture: a page of that name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Right if what the step measures lies between `low` and `high`; the three answers leave no gap."""

    text: str
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Settings of a run and, for pane "train", of a training: what can be taken to the lab."""

    experiment: Experiment
    pane: StoryPane
    training: TrainingSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Trial):
    """A run, what is asked before it, and what is said after it."""

    title: str
    question: str
    measure: Measure
    answers: tuple[Answer, Answer, Answer]
    explanation: str

    @property
    def asked(self) -> str:
        """The question with its numbers, which follow from the settings."""
        return self.question.format(**step_facts(self))

    def right(self, measured: float) -> int:
        """The index of the answer that the run gives."""
        return next(i for i, answer in enumerate(self.answers) if answer.low <= measured < answer.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion(Trial):
    """What to try after the last step."""

    text: str


def step_facts(step: Step) -> dict[str, str]:
    """The fields that follow from the settings alone, which a question may have too."""
    experiment = step.experiment
    steps = experiment.network.layers - 1
    return {
        "layers": str(experiment.network.layers),
        "neurons": str(experiment.network.widest),
        "steps": str(steps),
        "gain_a": f"{experiment.a.gain:g}",
        "power": f"{experiment.a.gain**steps:.0%}",
    }


DEMO = Experiment(runs=20, seed=1)
DEEP = DEMO.with_(layers=30)

STEPS: tuple[Step, ...] = (
    Step(
        title="A factor per layer",
        experiment=DEMO.with_(layers=11, activation="identity", a="orthogonal", gain_a=0.9, b="orthogonal", runs=50),
        pane="gradient",
        question="A gradient goes back through a network in {steps} steps. Each of them multiplies it by {gain_a}. "
        "How much of it arrives?",
        measure="a over b",
        answers=(
            Answer("most of it", 0.6),
            Answer("about a third", 0.2, 0.6),
            Answer("a thousandth", high=0.2),
        ),
        explanation="{gain_a} to the power of {steps} is {power}; these runs measure {left}, beside a factor of "
        "exactly one (dashed). No single layer does much harm, but depth makes a power of it. The bend at the right "
        "is in both: there, the ones that the way back starts with become random numbers.",
    ),
    Step(
        title="One layer",
        experiment=DEMO.with_(layers=1, runs=200),
        pane="preactivations",
        question="“randn beats rand”, a classroom demo says: weights from N(0, 1) pass more gradient than weights "
        "from U(-1, 1). With one layer, which does?",
        measure="b over a",
        answers=(
            Answer("uniform", high=0.95),
            Answer("both alike", 0.95, 1.05),
            Answer("normal", 1.05),
        ),
        explanation="{b_name} loses: {b} against {a}. Its weights have {variances} times the variance, so its "
        "pre-activations z spread wider, with a standard deviation of {b_first_std} against {a_first_std}, out to "
        "where tanh is flatter and passes less. Whatever makes randn win in the demo, it is not a single layer.",
    ),
    Step(
        title="Ten layers",
        experiment=DEMO,
        pane="gradient",
        question="The demo has {layers} layers of {neurons} neurons. How much of uniform's gradient comes back to "
        "the first layer, L0?",
        measure="left of a",
        answers=(
            Answer("about half", 0.1),
            Answer("half a percent", 0.0005, 0.1),
            Answer("a millionth", high=0.0005),
        ),
        explanation="{a} with uniform weights, {b} with normal ones: {wins}. Read the chart from the right, where "
        "both start at the output, to the left. Each step back multiplies uniform's gradient by {a_step} and "
        "normal's by {b_step}: depth makes the gap.",
    ),
    Step(
        title="What the web says",
        experiment=DEMO,
        pane="preactivations",
        question="“Uniform weights drive more neurons into saturation, the flat ends of tanh, and that kills the "
        "gradient.” How many of uniform's neurons are saturated?",
        measure="saturated",
        answers=(
            Answer("most", 0.5),
            Answer("about a tenth", 0.02, 0.5),
            Answer("next to none", high=0.02),
        ),
        explanation="{a_flat} of them, and {b_flat} of normal's. It is the other way round: uniform's "
        "pre-activations are the narrow ones, with a standard deviation of {a_last_std} in the last layer against "
        "{b_last_std}. Nothing saturates. The weights are too small: each step multiplies by about σ_w = {a_sigma_w}.",
    ),
    Step(
        title="Thirty layers of PyTorch's default",
        experiment=DEEP.with_(a="torch-linear"),
        pane="gradient",
        question="This is not a toy: nn.Linear draws U(±1/√fan_in), which on square layers is the demo's uniform. What "
        "does PyTorch's default leave after {layers} tanh layers?",
        measure="left of a",
        answers=(
            Answer("about a tenth", 0.01),
            Answer("about a thousandth", 0.000001, 0.01),
            Answer("less than a millionth", high=0.000001),
        ),
        explanation="{a}, while {b} is left of normal's. fan_in times the variance of a weight is {a_sigma_w2} for "
        "nn.Linear and {demo_sigma_w2} for the demo's uniform: the same draw. On a log scale the curve is a straight "
        "line, so it is an exponential: {a_step} per step, and deeper is always worse.",
    ),
    Step(
        title="The same variance",
        experiment=DEEP.with_(a="glorot-uniform", runs=100),
        pane="gradient",
        question="Stretch the uniform draw to U(±√3), which has the variance of N(0, 1). What remains of the gap "
        "after {layers} layers?",
        measure="gap",
        answers=(
            Answer("nearly all of it", 1000.0),
            Answer("about a factor of ten", 2.0, 1000.0),
            Answer("next to nothing", high=2.0),
        ),
        explanation="{ratio}. Box or bell, the shape of the draw hardly matters. The variance does: with σ_w = "
        "{a_sigma_w}, a step back keeps {a_step} of the gradient. That is what Glorot and Bengio proposed.",
    ),
    Step(
        title="A literal rand()",
        experiment=DEMO.with_(a="rand"),
        pane="preactivations",
        question="A literal rand() draws from [0, 1), all of it positive. How many of its neurons are saturated, in "
        "{layers} layers?",
        measure="saturated",
        answers=(
            Answer("next to none", high=0.02),
            Answer("about a tenth", 0.02, 0.5),
            Answer("nearly all", 0.5),
        ),
        explanation="{a_flat}. Here the web is right: a mean that is not zero adds up over all inputs of a neuron, "
        "mean |z| grows to {a_largest_z}, where tanh is flat, and {a} of the gradient comes back. Draw weights "
        "around zero.",
    ),
    Step(
        title="ReLU, He, and the edge of chaos",
        experiment=DEEP.with_(activation="relu", a="normal", b="he-normal", runs=3),  # as many as in a cell of the map
        pane="phase",
        question="ReLU switches half of the neurons off. By which factor must the variance of normal weights, "
        "1/fan_in, grow to make up for it?",
        measure="critical variance",
        answers=(
            Answer("one: no change", high=1.5),
            Answer("two", 1.5, 5.0),
            Answer("ten", 5.0),
        ),
        explanation="By {critical_variance}: that is He's rule. After {layers} layers it leaves {b}, normal weights "
        "{a}. The map has He's weights at gain one: with less the gradient vanishes, with more it explodes, the faster "
        "the deeper. Beyond the line, χ = 1, tanh is chaotic; ReLU only grows, and similar inputs stay alike.",
    ),
    Step(
        title="The proof: learning to read digits",
        experiment=DEMO.with_(layers=20, neurons=30, b="glorot-uniform", runs=1),
        training=TrainingSettings(steps=200),
        pane="train",
        question="Train {layers} tanh layers on handwritten digits, by SGD at each method's best learning rate. How "
        "many does the demo's uniform get right?",
        measure="accuracy",
        answers=(
            Answer("nearly all", 0.75),
            Answer("about half", 0.25, 0.75),
            Answer("no more than by guessing", high=0.25),
        ),
        explanation="{a_accuracy}, where guessing gives {chance}; with matched variance {b_accuracy}. Not the gradient "
        "alone is lost: the signal is too, z has a standard deviation of {a_last_std} in the last layer, {b_last_std} "
        "when matched. Adam, which rescales every step, helps a little; skips with norms help a lot. Try both in the "
        "lab: G and n, then g.",
    ),
)

LEARNED = (
    "Depth raises the factor of one backward step to a power: below one the gradient vanishes, above one it explodes.",
    "The variance of the weights sets that factor. The shape of the draw hardly matters; a mean other than zero does.",
    "Small weights and saturated neurons both lose the gradient. The pre-activations tell which it was.",
)
"""What the steps have shown."""
SUGGESTIONS: tuple[Suggestion, ...] = (
    Suggestion(
        text="ELU, which no step had: is it better off with the rule for ReLU or with that for tanh?",
        experiment=DEEP.with_(activation="elu", a="he-normal", b="glorot-normal"),
        pane="gradient",
    ),
    Suggestion(
        text="Skips and norms: the demo's uniform again, plain and in pre-norm blocks.",
        experiment=DEEP.with_(b="uniform", block_b="pre-norm", norm_b="layer"),
        pane="gradient",
    ),
    Suggestion(
        text="Another optimiser: can Adam train what gradient descent could not?",
        experiment=STEPS[-1].experiment,
        training=TrainingSettings(steps=200, optimizer="adam"),
        pane="train",
    ),
)
"""Settings that the lab takes, each with the question to ask there."""

"""The prose of the help texts: what each command does, and examples, which a test parses; the names of the topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import NamedTuple

from tui_initflow.cli.diagnostics import STATUSES

HELP_WIDTH = 78


def aligned(rows: Sequence[Sequence[str]], indent: int = 2) -> str:
    """Rows of cells in columns as wide as their longest cell; the last column wraps."""
    *widths, _ = [max(map(len, column)) for column in zip(*rows, strict=True)]
    left = indent + sum(width + 2 for width in widths)
    lines = []
    for *cells, last in rows:
        first = "".join(f"{cell:<{width}}  " for cell, width in zip(cells, widths, strict=True))
        wrapped = wrap(last, HELP_WIDTH - left, break_on_hyphens=False) or [""]
        lines += [f"{' ' * indent}{first}{wrapped[0]}".rstrip(), *(f"{' ' * left}{line}" for line in wrapped[1:])]
    return "\n".join(lines) + "\n"


class Help(NamedTuple):
    """What a command does, the gist in the first sentence, and examples."""

    description: str
    examples: str

    @property
    def summary(self) -> str:
        """The first sentence, for the list of commands."""
        sentence = self.description.partition(".")[0]
        return sentence[0].lower() + sentence[1:]


APP = Help(
    "See how weight initialisation decides whether gradients survive a deep network.",
    """\
  tui-initflow                                # the app
  tui-initflow --layers 30 --preset matched   # the app with these settings
  tui-initflow story                          # how it works, in nine steps
  tui-initflow run --runs 200 --seed 1        # the verdict and a table by layer
  tui-initflow run --plot                     # the app's charts as text
  tui-initflow run -o result.json             # all numbers, for a script
  tui-initflow sweep --over layers --values 1:20 --csv

exit status:
"""
    + aligned([(str(status), meaning) for status, meaning in STATUSES.items()])
    + "\nEach command has its own --help. 'tui-initflow help' lists topics, such as keys,\n"
    "settings and json.",
)
TOPICS = (
    *("demo", "keys", "settings", "lab", "training", "checkpoints", "commands", "json"),
    *("numbers", "cluster", "library", "accessibility", "promises", "changes"),
)
"""What `tui-initflow help` tells, in the order of the list: each is a file of `docs/`."""
SCHEMA = "schema"
"""Printed like a topic: the JSON Schema of what a command writes."""
COMMANDS: Mapping[str, Help] = {
    "run": Help(
        "Simulate and print the result.",
        """\
  tui-initflow run --layers 40 --a glorot-uniform
  tui-initflow run --a he-normal --b orthogonal --activation relu --plot
  tui-initflow run --layers 50 --block-a pre-norm --norm-a layer
  tui-initflow run --runs 1000 --json | python -m json.tool
  tui-initflow run --runs 100000 --jsonl | head -1
  tui-initflow run --runs 200 -o report.md --force
  tui-initflow run --runs 100000 -o result.json --resume
  tui-initflow run --runs 100000 --cluster local:8 --json
  tui-initflow run --plot --color always | less -R
""",
    ),
    "sweep": Help(
        "Compare at several values of one setting. There are --runs runs at each value.",
        """\
  tui-initflow sweep --over layers --plot
  tui-initflow sweep --over neurons --values 1,10:100:10 --runs 50 --csv
""",
    ),
    "grid": Help(
        "Compare over a plane of two settings. It is the app's phase chart: both methods' final gradients at each "
        "gain, or width, and depth, with --runs runs in each cell.",
        """\
  tui-initflow grid --over gain --plot
  tui-initflow grid --over neurons --against layers --runs 20 --json
  tui-initflow grid --over gain --runs 200 --cluster tcp://10.0.0.7:8786 -o grid.json
""",
    ),
    "theory": Help(
        "Predict without a simulation, by mean-field theory. Prints the gradient by layer at infinite and at finite "
        "width, the phase, the depth scale and the critical gain.",
        """\
  tui-initflow theory --activation gelu --a he-normal --b orthogonal
  tui-initflow theory --layers 30 --gain-a critical --plot
  tui-initflow theory --widths 784-512x20-10 --a lecun-normal --activation selu --json
""",
    ),
    "check": Help(
        "Tell whether initialiser a is healthy, by exit status. Simulates it and judges its median gradient at the "
        "first layer: the status is 0 if that is healthy, 1 if it is not, 2 if an option is invalid. With --train, it "
        "has to learn, too.",
        """\
  tui-initflow check --layers 20 --a glorot-uniform --train
  tui-initflow check --widths 784-512x20-10 --activation gelu --a he-normal
  tui-initflow check --layers 30 --a torch-linear --min-gradient 1e-4 --json
""",
    ),
    "train": Help(
        "Train both methods on data and see whether they learn. They start from the weights that 'run' draws, with a "
        "read-out layer by the same rule, see the same rows in the same order, and each has the learning rate that "
        "suits it best, unless --lr sets one. The features are those of the data.",
        """\
  tui-initflow train --layers 20
  tui-initflow train --layers 20 --optimizer adam --json
  tui-initflow train --data spirals --lr 0.1 --steps 2000 --jsonl
  tui-initflow train --layers 20 -o report.md
  tui-initflow train --map --plot
""",
    ),
    "inspect": Help(
        "Examine the weights in a file. Tells what each tensor looks like, whether it was ever trained, and whether "
        "the gradient survives the weights that fit together. Reads .safetensors, a folder of them or its .index.json, "
        ".npz and .npy, and PyTorch's .pt, .pth, .bin, .ckpt and .pth.tar, without PyTorch. Two files are compared. "
        "Nothing in a file is executed.",
        """\
  tui-initflow inspect model.safetensors --activation relu
  tui-initflow inspect model.safetensors --only 'encoder.*' --sort gain_ratio
  tui-initflow inspect weights.npz --chain 'mlp.*.weight' --b he-normal --plot
  tui-initflow inspect model.safetensors --check --min-gradient 1e-4
  tui-initflow inspect before.safetensors after.safetensors
  tui-initflow inspect --watch last.safetensors
""",
    ),
    "story": Help(
        "Tell how it works in nine steps. Each asks for a prediction, then runs the engine and shows what comes out; "
        "Escape leaves into the app with its settings. With --markdown or -o, it is written as a hand-out with charts.",
        """\
  tui-initflow story
  tui-initflow story --pace 8                    # plays by itself, until a key is pressed
  tui-initflow story -o handout.md
""",
    ),
    "code": Help(
        "Print the network of one method as a PyTorch module. It has the shapes, the activation, the blocks and the "
        "initialisation of method a, or of b with --method b. Nothing is simulated: settings of runs change nothing.",
        """\
  tui-initflow code --layers 20 --a he-normal --activation relu
  tui-initflow code --preset skips --method b
  tui-initflow code --widths 784-512x20-10 --gain-a critical -o network.py
""",
    ),
    "list": Help(
        "List all initialisers and activations. Each initialiser comes with its distribution and variance, each "
        "activation with its critical gain.",
        """\
  tui-initflow list
  tui-initflow list --json | python -m json.tool
""",
    ),
    "help": Help(
        "Tell more about a topic. Without a topic, list them. The name of a command prints its --help; 'schema' and a "
        "name print the JSON Schema of what is written.",
        """\
  tui-initflow help
  tui-initflow help keys
  tui-initflow help settings | less
  tui-initflow help sweep
  tui-initflow help schema run
""",
    ),
    "completion": Help(
        "Print a completion script for a shell. It completes commands, options and their values; needs the extra "
        "'completion'.",
        """\
  eval "$(tui-initflow completion bash)"          # in ~/.bashrc
  tui-initflow completion zsh > _tui-initflow   # in a folder of fpath
""",
    ),
}

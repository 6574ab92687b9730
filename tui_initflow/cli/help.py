"""The ends of the help texts: examples of every command, which a test parses, and the exit statuses."""

from __future__ import annotations

from tui_initflow.export.command_line import PROGRAM

_APP = f"""\
examples:
  {PROGRAM}                                the app
  {PROGRAM} --layers 30 --preset matched   the app, with these settings
  {PROGRAM} run --runs 200 --seed 1        the verdict, and a table by layer
  {PROGRAM} run --plot                     the app's charts, as text
  {PROGRAM} run -o result.json             all numbers for a script
  {PROGRAM} sweep --over layers --values 1:20 --csv

exit status:
  0    done; check: the network is healthy
  1    the output cannot be written; check: the network is not healthy
  2    a wrong option or file name
  130  stopped with ctrl+c; what was complete is written
  141  broken pipe

Each command has its own --help.
"""
_RUN = f"""\
examples:
  {PROGRAM} run --layers 40 --a glorot-uniform
  {PROGRAM} run --a he-normal --b orthogonal --activation relu --plot
  {PROGRAM} run --runs 1000 --json | python -m json.tool
  {PROGRAM} run --runs 100000 --jsonl | head -1
  {PROGRAM} run --runs 200 -o report.md --force
  {PROGRAM} run --plot --color always | less -R
"""
_SWEEP = f"""\
examples:
  {PROGRAM} sweep --over layers --plot
  {PROGRAM} sweep --over neurons --values 1,10:100:10 --runs 50 --csv
"""
_THEORY = f"""\
examples:
  {PROGRAM} theory --activation gelu --a he-normal --b orthogonal
  {PROGRAM} theory --layers 30 --gain-a critical --plot
  {PROGRAM} theory --widths 784-512x20-10 --a lecun-normal --activation selu --json
"""
_CHECK = f"""\
examples:
  {PROGRAM} check --widths 784-512x20-10 --activation gelu --a he-normal
  {PROGRAM} check --layers 30 --a torch-linear --min-gradient 1e-4 --json
"""
_LIST = f"""\
examples:
  {PROGRAM} list
  {PROGRAM} list --json | python -m json.tool
"""
_COMPLETION = f"""\
examples:
  eval "$({PROGRAM} completion bash)"          in ~/.bashrc
  {PROGRAM} completion zsh > _{PROGRAM}   in a folder of fpath
"""
EXAMPLES = {
    "app": _APP,
    "run": _RUN,
    "sweep": _SWEEP,
    "theory": _THEORY,
    "check": _CHECK,
    "list": _LIST,
    "completion": _COMPLETION,
}
"""By command."""

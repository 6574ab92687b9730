"""The command as a shell sees it: what it accepts, what it refuses and in which words, how it ends."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import pty
import re
import select
import signal
import stat
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import Command
from tests.model.limits import limits_of
from tui_initflow import __version__
from tui_initflow.cli.destination import format_of
from tui_initflow.cli.failure import Failure
from tui_initflow.cli.main import entry, main
from tui_initflow.cli.options import SHELLS, experiment_of, parse_values, parsers
from tui_initflow.functions.activations import ACTIVATIONS
from tui_initflow.model.experiment import SETTINGS, Experiment
from tui_initflow.model.initialisers import INITIALISERS
from tui_initflow.model.settings import Whole

QUICK = ("--layers", "3", "--neurons", "5", "--features", "4")
BAD_NUMBERS = ("", " ", "text", "-1", "1e9", "3.5", "1_0", "٣", "0x10", "nan", "9" * 25, "7" * 5000, "1\n2")


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Command:
    """The command without the process around it, for tables of mistakes."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        try:
            status: object = main(arguments)
        except SystemExit as exit_:
            status = exit_.code
        assert isinstance(status, int)
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, said.out, said.err)

    return run


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit status 2, nothing on standard output, one short line that has the words."""
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.endswith("\n")
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 400
    for word in words:
        assert word in done.stderr


WHOLE = [name for name, setting in SETTINGS.items() if isinstance(setting.kind, Whole)]


@pytest.mark.parametrize("field", WHOLE)
def test_a_number_out_of_bounds_is_refused_with_the_range(typed: Command, field: str) -> None:
    low, high = limits_of(field)
    for value in (low - 1, high + 1):
        done = typed("run", f"--{field}", str(value))
        refused(done, "tui-initflow run: ", f"--{field}: ", f"{value}", f"a whole number from {low} to {high}")


@pytest.mark.parametrize("value", BAD_NUMBERS, ids=lambda value: ascii(value[:10]))
def test_what_is_no_number_is_refused_with_the_range(typed: Command, value: str) -> None:
    for start in ([], ["run"], ["sweep", "--over", "neurons"]):
        done = typed(*start, f"--layers={value}")
        refused(done, "--layers: ", "a whole number from 1 to 1000")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--layers"], ["--layers: ", "1 to 1000"]),
        (["run", "--layers", "-5"], ["--layers: '-5' is not allowed; a whole number from 1 to 1000"]),
        (["run", "--layers", "-1e9"], ["--layers: ", "1 to 1000"]),
        (["run", "--layers", "1000", "--runs", "100000"], ["--runs: ", "fit in memory"]),
        (["run", "--a", "normel"], ["--a: ", "uniform, normal, rand, glorot-uniform", "did you mean normal?"]),
        (["run", "--b", ""], ["--b: ", "uniform, normal"]),
        (["run", "--a", "x" * 10_000], ["--a: ", "uniform, normal"]),
        (["run", "--a", "nor\nmal"], ["--a: ", "uniform, normal"]),
        (["run", "--activation", "tanj"], ["--activation: ", "did you mean tanh?"]),
        (["run", "--preset", "rnd"], ["--preset: ", "demo, matched, rand"]),
        (["run", "--preset", "demo", "--a", "rand"], ["--preset: ", "--a"]),
        (["run", "--layer", "3"], ["--layer", "did you mean --layers?"]),
        (["run", "--" + "x" * 10_000], ["xxx"]),
        (["run", "5"], ["5"]),
        (["run", "--json", "--csv"], ["--csv", "--json"]),
        (["run", "-o"], ["--output: "]),
        (["run", "--theme", "dark"], ["--theme"]),
        (["--theme", "dark", "run"], ["--theme"]),
        (["--theme", "blue"], ["--theme: ", "dark, light"]),
        (["rnu"], ["rnu", "run, sweep", "did you mean run?"]),
        (["sweep"], ["--over: ", "layers, neurons, features"]),
        (["sweep", "--over", "layer"], ["--over: ", "did you mean layers?"]),
        (["sweep", "--over", "runs"], ["--over: ", "layers, neurons, features"]),
        (["sweep", "--over", "layers", "--values", "900:1000", "--runs", "100000"], ["--runs: ", "fit in memory"]),
    ],
    ids=lambda value: ascii(" ".join(value)[:40]) if isinstance(value, list) else None,
)
def test_mistakes_are_told_in_one_line(typed: Command, arguments: list[str], words: list[str]) -> None:
    refused(typed(*arguments), *words)


@pytest.mark.parametrize(
    "values",
    ["", ",", "1,", "1,,2", "x", "0", "-1", "1.5", "1001", "1:", ":5", "5:1", "1:5:0", "1:2:3:4", "1:1e3", "1-20"],
)
def test_bad_sweep_values_are_refused_with_the_range(typed: Command, values: str) -> None:
    refused(typed("sweep", "--over", "layers", f"--values={values}"), "--values: ", "layers from 1 to 1000")


@pytest.mark.parametrize("values", ["1:65536", ",".join(["1:1000"] * 5000), ",".join(map(str, range(1, 1500)))])
def test_too_many_sweep_values_are_refused(values: str) -> None:
    with pytest.raises(Failure, match="at most 1000 values"):
        parse_values("features", values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("7", (7,)),
        ("1:4", (1, 2, 3, 4)),
        ("1:10:3", (1, 4, 7, 10)),
        ("1:9:3", (1, 4, 7)),
        ("20,1,10", (1, 10, 20)),
        ("1,10:30:10", (1, 10, 20, 30)),
        (" 1 , 2 ", (1, 2)),
        ("5:5", (5,)),
        ("3,3,3", (3,)),
    ],
)
def test_sweep_values(text: str, values: tuple[int, ...]) -> None:
    assert parse_values("layers", text) == values


def test_version(typed: Command) -> None:
    done = typed("--version")
    assert (done.returncode, done.stdout) == (0, f"tui-initflow {__version__}\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_knows_commands_options_and_names(typed: Command, shell: str) -> None:
    done = typed("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("sweep", "--over", "neurons", "--csv-runs", "glorot-uniform", "gelu"):
        assert word in done.stdout


def test_bash_completes_what_is_typed(typed: Command) -> None:
    script = typed("completion", "bash").stdout + (
        'COMP_WORDS=(tui-initflow sweep --a glorot-) COMP_CWORD=3\n_shtab_tui_initflow\necho "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["glorot-uniform", "glorot-normal"]


def test_completion_without_its_package_is_told(typed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    done = typed("completion", "bash")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "tui-initflow completion: needs the extra 'completion': pip install 'tui-initflow[completion]'\n"
    )


@pytest.mark.parametrize("start", [[], ["run"], ["sweep"]], ids=str)
def test_help_has_examples_and_every_limit(typed: Command, start: list[str]) -> None:
    done = typed(*start, "--help")
    assert done.returncode == 0
    assert "examples:" in done.stdout
    said = " ".join(done.stdout.split())
    for setting in SETTINGS.values():
        assert f"{setting.flag} {setting.kind.metavar} {setting.meaning}" in said
        if isinstance(setting.kind, Whole):
            assert setting.kind.allowed in said


@pytest.mark.parametrize("command", parsers().commands)
def test_every_example_of_the_help_is_understood(typed: Command, command: str) -> None:
    said = typed(command, "--help")
    assert said.returncode == 0
    examples = re.findall(r'(?m)^ +(?:eval "\$\()?tui-initflow ([^|>)\n]*)', said.stdout.partition("examples:\n")[2])
    assert examples
    for example in examples:
        parsers().app.parse_args(example.split())


def test_every_command_of_the_readme_is_understood() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"(?m)^tui-initflow ([^#|\n]*)", readme)
    assert len(commands) >= 10
    for command in commands:
        options = parsers().app.parse_args(command.split())
        format_of(options)
        experiment_of(options)


def test_no_terminal_is_told_in_one_line(typed: Command) -> None:
    refused(typed(), "tui-initflow: ", "terminal", "tui-initflow run")


def test_run_prints_the_same_bytes_again(command: Command) -> None:
    first, second = (command("run", "--json", "--runs", "7", "--seed", "9", *QUICK) for _ in range(2))
    assert first.returncode == 0
    assert first.stderr == ""
    assert first.stdout == second.stdout


def test_options_before_the_command_count(typed: Command) -> None:
    before = typed("--layers", "3", "--preset", "matched", "run", "--json")
    after = typed("run", "--json", "--layers", "3", "--preset", "matched")
    assert json.loads(before.stdout)["settings"]["a"] == "glorot-uniform"
    assert before.stdout == after.stdout


def test_every_setting_arrives(typed: Command) -> None:
    given = ["--layers", "2", "--neurons", "5", "--features", "6", "--runs", "4", "--seed", "8", "--a", "rand"]
    settings = json.loads(typed("run", "--json", *given).stdout)["settings"]
    assert settings == {
        "layers": 2,
        "neurons": 5,
        "features": 6,
        "activation": "tanh",
        "scale": "glorot",
        "a": "rand",
        "b": "normal",
        "runs": 4,
        "seed": 8,
    }


def test_csv_and_text(typed: Command) -> None:
    rows = list(csv.DictReader(io.StringIO(typed("run", "--csv", *QUICK).stdout)))
    assert {row["side"] for row in rows} == {"a", "b"}
    text = typed("run", *QUICK).stdout
    assert "Gradient at L0, the first layer, geometric mean" in text
    assert "95% CI" in text


def test_sweep(typed: Command) -> None:
    arguments = ["sweep", "--over", "layers", "--values", "1:3", "--runs", "4", *QUICK]
    found = json.loads(typed(*arguments, "--json").stdout)
    assert [point["value"] for point in found["points"]] == [1, 2, 3]
    rows = list(csv.DictReader(io.StringIO(typed(*arguments, "--csv").stdout)))
    assert [row["value"] for row in rows] == ["1", "2", "3"]
    assert typed(*arguments).stdout.splitlines()[-1].split()[0] == "3"


def test_a_sweep_has_three_runs_at_each_value_and_the_values_of_the_app(typed: Command) -> None:
    found = json.loads(typed("sweep", "--over", "features", "--json", *QUICK).stdout)
    assert found["settings"]["runs"] == 3
    assert [point["value"] for point in found["points"]] == [1, 4, 16, 32, 48, 64, 80, 96, 112, 128]


def test_output_to_a_file(typed: Command, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    done = typed("run", "--json", "-o", str(file), *QUICK)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert file.read_text() == typed("run", "--json", *QUICK).stdout
    assert os.listdir(tmp_path) == ["result.json"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~mask


def test_an_existing_file_is_replaced_only_by_force(typed: Command, tmp_path: Path) -> None:
    file = tmp_path / "result"
    file.write_text("mine")
    file.chmod(0o640)
    refused(typed("run", "-o", str(file), *QUICK), "--output: ", "exists", "--force")
    assert file.read_text() == "mine"
    done = typed("run", "-o", str(file), "--force", *QUICK)
    assert done.returncode == 0
    assert "Gradient at L0" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


SWEEP = ("sweep", "--over", "layers", "--values", "1:3", *QUICK)


@pytest.mark.parametrize(
    ("command", "name", "option"),
    [
        (("run", *QUICK), "x.json", "--json"),
        (("run", *QUICK), "x.JSONL", "--jsonl"),
        (("run", *QUICK), "x.csv", "--csv"),
        (("run", *QUICK), "x.runs.csv", "--csv-runs"),
        (("run", *QUICK), "x.md", "--markdown"),
        (("run", *QUICK), "x.txt", "--plot"),
        (("run", *QUICK), "x", None),
        (SWEEP, "x.json", "--json"),
        (SWEEP, "x.runs.csv", "--csv"),
        (SWEEP, "x.md", "--markdown"),
        (SWEEP, "x.txt", "--plot"),
        (("theory", *QUICK), "x.txt", "--plot"),
        (("list",), "x.txt", None),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value,
)
def test_the_suffix_says_the_format(
    typed: Command, tmp_path: Path, command: tuple[str, ...], name: str, option: str | None
) -> None:
    done = typed(*command, "-o", str(tmp_path / name))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    expected = typed(*command, *([] if option is None else [option])).stdout
    assert (tmp_path / name).read_text(encoding="utf-8") == expected


def test_an_option_counts_more_than_the_suffix(typed: Command, tmp_path: Path) -> None:
    for name in ("x.json", "x.pdf"):
        assert typed("run", "--csv", "-o", str(tmp_path / name), *QUICK).returncode == 0
        assert (tmp_path / name).read_text().startswith("side,method")


@pytest.mark.parametrize(
    ("command", "name", "words"),
    [
        (["run"], "x.jsn", ["unknown format '.jsn'", ".json, .jsonl, .csv, .runs.csv, .md, .txt", "--json"]),
        (["theory"], "x.csv", ["one of .json, .txt"]),
        (["check"], "x.md", ["one of .json, .txt"]),
    ],
)
def test_a_suffix_without_a_format_is_refused(
    typed: Command, tmp_path: Path, command: list[str], name: str, words: list[str]
) -> None:
    refused(typed(*command, "-o", str(tmp_path / name)), "--output: ", *words)
    assert not os.listdir(tmp_path)


def test_a_link_is_followed(typed: Command, tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("old")
    link.symlink_to(file)
    assert typed("run", "-o", str(link), "--force", *QUICK).returncode == 0
    assert link.is_symlink()
    assert "Gradient at L0" in file.read_text()


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("missing/result.json", "folder does not exist"),
        (".", "folder"),
        ("x/", "is a folder"),
        ("", "not a valid file name"),
        ("x" * 300, ""),
    ],
    ids=["missing", "folder", "slash", "empty", "long"],
)
def test_a_file_that_cannot_be_written_is_told(typed: Command, tmp_path: Path, name: str, word: str) -> None:
    done = typed("run", "-o", f"{tmp_path}/{name}" if name else "", *QUICK)
    refused(done, "--output: ", word)


def test_a_folder_without_permission_is_told(typed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # told by the system rather than by the folder's mode, which root may ignore
    monkeypatch.setattr(os, "access", lambda *_: False)
    refused(typed("run", "-o", str(tmp_path / "result.json"), *QUICK), "--output: ", "no permission")
    assert not os.listdir(tmp_path)


def test_a_write_that_fails_leaves_nothing_behind(
    typed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "replace", fail)
    done = typed("run", "-o", str(tmp_path / "result.json"), *QUICK)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "permission denied" in done.stderr
    assert not os.listdir(tmp_path)


def test_a_device_is_written_to(typed: Command) -> None:
    assert typed("run", "-o", "/dev/null", *QUICK).returncode == 0
    assert Path("/dev/null").is_char_device()


def test_a_pipe_that_a_shell_names_is_written_to(typed: Command) -> None:
    reader, writer = os.pipe()
    with open(reader) as read, open(writer, "w"):
        assert typed("run", "-o", f"/dev/fd/{writer}", *QUICK).returncode == 0
        assert read.readline().startswith("Uniform vs Normal: 3 layers")


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_standard_output_has_names(typed: Command, name: str) -> None:
    assert typed("run", "-o", name, *QUICK).stdout == typed("run", *QUICK).stdout


def test_in_a_browser_no_terminal_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """`textual serve` names a driver of its own and gives the app pipes."""
    started: list[Experiment] = []

    class App:
        return_code = 0

        def __init__(self, experiment: Experiment, *_arguments: object, **_others: object) -> None:
            started.append(experiment)

        def run(self) -> None:
            pass

    screen = ModuleType("tui_initflow.tui.app")
    screen.InitflowApp = App  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tui_initflow.tui.app", screen)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.StringIO())
    assert main(["--no-config", "--layers", "7"]) == 0
    assert [experiment.layers for experiment in started] == [7]


@pytest.mark.parametrize(("wanted", "animations"), [(None, "none"), ("full", "full")], ids=["silent", "asked for"])
def test_the_app_starts_with_the_settings(monkeypatch: pytest.MonkeyPatch, wanted: str | None, animations: str) -> None:
    started: list[tuple[Experiment, str]] = []

    class App:
        return_code = 3

        def __init__(self, experiment: Experiment, theme: str, **others: object) -> None:
            assert others == {"theory": False, "config": None, "notice": None}
            started.append((experiment, theme))

        def run(self) -> None:
            assert os.environ.get("TEXTUAL_ANIMATIONS") == animations

    screen = ModuleType("tui_initflow.tui.app")
    screen.InitflowApp = App  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tui_initflow.tui.app", screen)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "")  # restored at the end, whatever the command sets
    monkeypatch.delenv("TEXTUAL_ANIMATIONS")
    if wanted is not None:
        monkeypatch.setenv("TEXTUAL_ANIMATIONS", wanted)
    for name in ("stdin", "stdout", "stderr"):
        stream = io.StringIO()
        stream.isatty = lambda: True  # type: ignore[method-assign]
        monkeypatch.setattr(sys, name, stream)
    assert main(["--no-config", "--layers", "7", "--preset", "matched", "--seed", "3", "--theme", "light"]) == 3
    assert main(["--no-config"]) == 3
    asked = Experiment(layers=7, a="glorot-uniform", b="normal", seed=3, runs=20)
    assert started == [(asked, "light"), (Experiment(runs=20), "dark")]


def test_matrix_libraries_get_one_thread_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    # set before they are deleted, so that what the command sets is undone at the end
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(variable, "")
    for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setattr(sys, "argv", ["tui-initflow", "--version"])
    with pytest.raises(SystemExit):
        entry()
    assert os.environ["OPENBLAS_NUM_THREADS"] == os.environ["MKL_NUM_THREADS"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "2"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
def test_a_full_disk_is_told_in_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tui_initflow", "run", *QUICK],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no space left" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["run", "--json"], ["run", "--jsonl"], ["run", "--plot"], ["run"], ["--help"]], ids=" ".join
)
def test_a_closed_pipe_ends_quietly(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "tui_initflow", *arguments],
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr == ""
    # argparse itself passes over the error where Python's output is unbuffered
    assert done.returncode in ((141, 0) if arguments == ["--help"] else (141,))


def test_lines_of_runs_stream(tmp_path: Path) -> None:
    """Each batch is there while the next ones are computed; ctrl+c leaves whole lines; runs are those of --json."""
    arguments = ["run", "--jsonl", "--runs", "100000", "--seed", "4"]
    with subprocess.Popen(
        [sys.executable, "-m", "tui_initflow", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, said = process.stdout.read(), process.stderr.read()
    assert process.returncode == 130
    found = [json.loads(line) for line in [first, *rest.splitlines()]]
    assert [each["run"] for each in found] == list(range(1, len(found) + 1))
    assert said == f"tui-initflow: stopped after {len(found)} of 100000 runs\n"
    assert len(found) < 100_000


def test_lines_of_runs_end_quietly_when_nobody_reads() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tui_initflow", "run", "--jsonl", "--runs", "100000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["run"] == 1
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_lines_of_runs_in_a_file_are_the_same(typed: Command, tmp_path: Path) -> None:
    arguments = ("run", "--runs", "300", "--jsonl")
    streamed = typed(*arguments).stdout
    assert typed(*arguments, "-o", str(tmp_path / "x")).returncode == 0
    assert (tmp_path / "x").read_text() == streamed
    assert streamed.count("\n") == 300


@pytest.mark.parametrize(
    ("variables", "options", "coloured"),
    [({}, [], True), ({"NO_COLOR": "1"}, [], False), ({"NO_COLOR": "1"}, ["--color", "always"], True)],
    ids=["terminal", "NO_COLOR", "--color"],
)
def test_plots_on_a_terminal(variables: dict[str, str], options: list[str], coloured: bool) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    process = subprocess.Popen(
        [sys.executable, "-m", "tui_initflow", "run", "--plot", *QUICK, *options],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**environment, "TERM": "xterm-256color", **variables},
    )
    os.close(theirs)
    with process, open(ours, "rb", buffering=0):
        text = read_rest(ours).decode()
        assert process.wait(timeout=60) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert ("\x1b[" in text) is coloured
    assert max(len(re.sub("\x1b\\[[0-9;]*m", "", line)) for line in text.splitlines()) == 100


def test_a_locale_without_the_characters_gets_others(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    plot = command("run", "--plot", *QUICK)
    assert plot.stderr == ""
    assert plot.stdout.isascii()
    assert "** Uniform  oo Normal" in plot.stdout
    report = command("run", "--markdown", *QUICK)
    assert (report.returncode, report.stderr) == (0, "")
    assert report.stdout.isascii()


@contextmanager
def watched(*arguments: str, output: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The command with its standard error on a terminal, whose other end is given."""
    ours, theirs = pty.openpty()
    try:
        with open(output, "wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "tui_initflow", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=theirs,
            )
        os.close(theirs)
        try:
            yield process, ours
        finally:
            process.kill()
            process.wait()
    finally:
        os.close(ours)


def read_until(terminal: int, what: bytes) -> bytes:
    """What a terminal shows until `what` appears."""
    seen = b""
    while what not in seen:
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, f"{what!r} did not appear in {seen!r}"
        seen += os.read(terminal, 1 << 16)
    return seen


def read_rest(terminal: int) -> bytes:
    """What a terminal shows until the program has closed it."""
    seen = b""
    with suppress(OSError):  # Linux answers EIO at the end
        while more := os.read(terminal, 1 << 16):
            seen += more
    return seen


@pytest.mark.parametrize(
    ("arguments", "sign"),
    [
        (["run", "--json", "--runs", "100000"], b"\rruns "),
        (["sweep", "--json", "--over", "neurons", "--values", "1:1000", "--runs", "100"], b"\rsweep: neurons "),
    ],
    ids=["run", "sweep"],
)
def test_an_interrupt_ends_with_what_is_done(tmp_path: Path, arguments: list[str], sign: bytes) -> None:
    output = tmp_path / "output"
    with watched(*arguments, output=output) as (process, terminal):
        read_until(terminal, sign)
        process.send_signal(signal.SIGINT)
        rest = read_rest(terminal)
        assert process.wait(timeout=60) == 130
    assert rest.endswith(b"\n")
    # the progress line is cleared before the last word
    last = rest.rpartition(b"\r\x1b[K")[2]
    assert last.startswith(b"tui-initflow: stopped after ")
    assert b"Traceback" not in rest
    found = json.loads(output.read_text())
    if "points" in found:
        assert 0 < len(found["points"]) < 1000
    else:
        assert 0 < found["settings"]["runs"] < 100_000
        assert len(found["a"]["log10_final"]) == found["settings"]["runs"]


def test_an_interrupt_before_anything_is_done(tmp_path: Path) -> None:
    output = tmp_path / "output"
    script = (
        "import os, signal, sys, threading\n"
        "from tui_initflow.cli import main as cli\n"
        "from tui_initflow.engine import runs as simulate\n"
        "plain = simulate.simulate\n"
        "def interrupted(*arguments, **named):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    assert named['cancel'].wait(10)\n"
        "    return plain(*arguments, **named)\n"
        "simulate.simulate = interrupted\n"
        "sys.exit(cli.entry())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "run", "--json", "-o", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "tui-initflow: stopped before the first run was done\n"
    assert not output.exists()


@pytest.mark.parametrize(
    ("arguments", "sign"),
    [
        (["theory", "--layers", "1000"], b"\rtheory"),
        (["check", "--layers", "30", "--runs", "100000", "--json"], b"\rruns "),
    ],
    ids=["theory", "check"],
)
def test_what_takes_long_says_so(tmp_path: Path, arguments: list[str], sign: bytes) -> None:
    with watched(*arguments, output=tmp_path / "output") as (process, terminal):
        read_until(terminal, sign)
        process.send_signal(signal.SIGINT)
        rest = read_rest(terminal)
        assert process.wait(timeout=60) == 130
    assert b"Traceback" not in rest


def test_progress_is_cleared_at_the_end(tmp_path: Path) -> None:
    with watched("run", "--runs", "3000", output=tmp_path / "output") as (process, terminal):
        seen = read_rest(terminal)
        assert process.wait(timeout=60) == 0
    # on a machine too fast for a progress line there is nothing to clear
    assert seen == b"" or seen.endswith(b"\r\x1b[K")
    assert b"\n" not in seen


def test_theory_json_keeps_its_contract(typed: Command) -> None:
    done = typed("theory", "--json", "--layers", "4", "--a", "rand", "--b", "he-normal", "--activation", "relu")
    found = json.loads(done.stdout)
    assert found["settings"]["activation"] == "relu"
    for side in ("a", "b"):
        assert len(found[side]["q"]) == 4
        assert len(found[side]["log10_gradient"]) == 5
        assert found[side]["log10_gradient"][4] == 0
        assert found[side]["phase"] in ("ordered", "critical", "chaotic")
    assert found["b"]["chi"] == pytest.approx(1)
    assert found["b"]["critical_gain"] == pytest.approx(1)
    assert found["a"]["critical_gain"] is None


def test_theory_and_simulation_agree_on_the_command_line(typed: Command) -> None:
    options = ("--layers", "6", "--runs", "400", "--json")
    theory = json.loads(typed("theory", *options).stdout)
    measured = json.loads(typed("run", *options).stdout)
    for side in ("a", "b"):
        finite = theory[side]["finite_width"]
        # the theory is off by up to 2 %, the median of 400 runs by 1.25 sd / 20
        for predicted, found, sd in zip(
            finite["log10_median"], measured[side]["log10_gradient"]["median"], finite["sd_ln"], strict=True
        ):
            assert abs(predicted - found) * 2.3026 < 0.02 + 4 * 1.2533 * sd / 20


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--a", "he-normal", "--activation", "relu"], 0, ["HEALTHY", "critical"]),
        (["--layers", "40"], 1, ["NOT HEALTHY, vanishing", "12 layers", "xavier_uniform_"]),
        (["--a", "normal", "--gain-a", "30", "--activation", "relu"], 1, ["NOT HEALTHY, exploding"]),
        (["--widths", "784-64x20-10", "--activation", "gelu", "--a", "he-normal"], 1, ["NOT HEALTHY, vanishing"]),
        (["--layers", "40", "--min-gradient", "1e-30"], 0, ["HEALTHY"]),
        (
            ["--a", "he-normal", "--activation", "relu", "--neurons", "2", "--layers", "60"],
            1,
            ["neurons of some layer are off"],
        ),
    ],
)
def test_check_is_a_gate(typed: Command, arguments: list[str], status: int, words: list[str]) -> None:
    done = typed("check", *arguments)
    assert done.returncode == status
    for word in words:
        assert word in done.stdout
    found = json.loads(typed("check", *arguments, "--json").stdout)
    assert found["healthy"] is (status == 0)
    assert "b" not in found["settings"]


@pytest.mark.parametrize("value", ["0", "1", "2", "-1", "x", "", "nan", "1e999"])
def test_check_refuses_a_threshold_that_is_none(typed: Command, value: str) -> None:
    refused(typed("check", f"--min-gradient={value}"), "--min-gradient: ", "above 0 and below 1")


def test_list_shows_both_registries(typed: Command) -> None:
    text = typed("list").stdout
    found = json.loads(typed("list", "--json").stdout)
    for name in [*INITIALISERS, *ACTIVATIONS]:
        assert name in text
    assert text.isascii()
    assert [each["name"] for each in found["initialisers"]] == list(INITIALISERS)
    equal = {each["name"]: each["same_on_square_layers"] for each in found["initialisers"]}
    assert equal["uniform"] == ["torch-linear"]
    gains = {each["name"]: each["critical_gain"] for each in found["activations"]}
    assert gains["gelu"] == pytest.approx(1.481114, abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--gain-a", "x"], ["--gain-a: ", "0.001 to 1000"]),
        (["run", "--gain-b", "critical", "--b", "rand"], ["--gain-b: ", "mean zero"]),
        (["run", "--sigma-b", "critical"], ["--sigma-b: ", "0 to 100"]),
        (["run", "--start", "one"], ["--start: ", "ones, signs"]),
        (["run", "--widths", "784"], ["--widths: ", "784-512x20-10"]),
        (["run", "--widths", "784-10", "--layers", "3"], ["--widths: ", "--layers"]),
        (["run", "--a", "normal:2/fan"], ["--a: ", "fan_in"]),
        (["run", "--a", "orthogonal", "--features", "65536", "--neurons", "100"], ["--a: ", "weights in a layer"]),
        (["sweep", "--over", "layers", "--widths", "5-4-3"], ["--over: ", "features"]),
    ],
)
def test_mistakes_in_the_lab_s_options(typed: Command, arguments: list[str], words: list[str]) -> None:
    refused(typed(*arguments), *words)


def test_a_critical_gain_is_a_number_in_the_settings(typed: Command) -> None:
    done = typed("run", "--gain-a", "critical", "--json", "--runs", "1")
    assert json.loads(done.stdout)["settings"]["gain_a"] == pytest.approx(3**0.5)


def test_widths_are_told_in_place_of_neurons(typed: Command) -> None:
    done = typed("run", "--widths", "12-9x2-4", "--json", "--runs", "1")
    settings = json.loads(done.stdout)["settings"]
    assert settings["widths"] == [12, 9, 9, 4]
    assert settings["neurons"] is None
    assert settings["layers"] == 3

"""`--cluster`: the bytes of one machine, and one clear line where there is no cluster."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from tests.cli.conftest import QUICK, refused
from tests.cli.test_progress import read_rest, read_until, watched
from tests.conftest import Command
from tui_initflow.cli.diagnostics import quoted
from tui_initflow.cluster import executor


@pytest.fixture
def scheduler() -> Iterator[LocalCluster]:
    """With one worker, in a thread of this process."""
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster


@pytest.mark.slow
def test_every_command_writes_the_bytes_of_one_machine(typed: Command, scheduler: LocalCluster) -> None:
    for command in (
        ["run"],
        ["sweep", "--over", "neurons", "--values", "1:4"],
        ["grid", "--over", "gain"],
    ):
        alone = typed(*command, *QUICK, "--runs", "3", "--json")
        there = typed(*command, *QUICK, "--runs", "3", "--json", "--cluster", scheduler.scheduler_address)
        assert (there.returncode, there.stderr) == (0, "")
        assert there.stdout == alone.stdout


@pytest.mark.slow
def test_an_interrupt_takes_what_is_done_from_processes_of_their_own(tmp_path: Path) -> None:
    output = tmp_path / "output"
    with watched("run", "--json", "--runs", "100000", "--cluster", "local:1", output=output) as (process, terminal):
        read_until(terminal, b"\rruns ")
        process.send_signal(signal.SIGINT)
        rest = read_rest(terminal)
        assert process.wait(timeout=60) == 130
    assert b"stopped after " in rest
    assert b"Traceback" not in rest
    assert 0 < json.loads(output.read_text())["settings"]["runs"] < 100_000


def test_an_address_where_nobody_is_is_one_line(typed: Command) -> None:
    done = typed("sweep", "--over", "layers", *QUICK, "--cluster", "tcp://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "tui-initflow sweep: --cluster: tcp://127.0.0.1:1 cannot be reached: Connection refused\n"


@pytest.mark.slow
def test_a_scheduler_that_vanishes_leaves_what_is_done(
    typed: Command, scheduler: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = executor.Cluster._taken
    taken: list[object] = []

    def closing(self: executor.Cluster, *arguments: object) -> object:
        taken.append(plain(self, *arguments))  # type: ignore[arg-type]
        # both methods of the first value
        if len(taken) == 2:
            scheduler.close()
        return taken[-1]

    monkeypatch.setattr(executor.Cluster, "_taken", closing)
    address = scheduler.scheduler_address
    done = typed("sweep", "--over", "neurons", "--values", "1:90", "--csv", "--runs", "40", "--cluster", address)
    values = len(done.stdout.splitlines()) - 1
    assert 0 < values < 90
    assert done.returncode == 1
    assert done.stderr == f"tui-initflow sweep: stopped after {values} values: {address} no longer answers\n"


@pytest.mark.parametrize(
    "address",
    ["", "--", "local:0", "10.0.0.7:8786", "tls://host:1", f"tcp://\x1b[2J{300 * 'a'}:1"],
    ids=lambda address: ascii(address[:20]),
)
def test_what_is_no_address_is_refused(typed: Command, address: str) -> None:
    refused(
        typed("run", *QUICK, f"--cluster={address}"),
        f"--cluster: {quoted(address)} is not allowed; must be local, local:N for N ",
    )


def test_it_is_for_maps_alone_in_training(typed: Command) -> None:
    refused(typed("train", "--layers", "2", "--cluster", "local:1"), "--cluster: only with --map")


def test_without_its_package_it_says_what_to_install(typed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    for name in ("cluster.opening", "cluster.executor", "cluster.watch", "cluster.worker", "lab.places"):
        monkeypatch.delitem(sys.modules, f"tui_initflow.{name}", raising=False)
    done = typed("run", *QUICK, "--cluster", "local:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == "tui-initflow run: --cluster: needs the extra 'cluster': pip install 'tui-initflow[cluster]'\n"
    )

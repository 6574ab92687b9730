"""How many processors there are for this process: fewer than the machine has, where something says so."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from tui_initflow.engine import processors
from tui_initflow.engine.processors import available_processors, limit_of_groups


def limit(tmp_path: Path, lines: str, files: dict[str, str]) -> float:
    """That of a process with these lines about its groups, on a machine with these files about them."""
    for name, text in files.items():
        file = tmp_path / "mounted" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "groups").write_text(lines)
    return limit_of_groups(tmp_path / "groups", tmp_path / "mounted")


def test_version_2_of_control_groups_limits_by_every_group_above(tmp_path: Path) -> None:
    files = {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "250000 100000\n", "cpu.max": "400000 100000\n"}
    assert limit(tmp_path, "0::/a/b\n", files) == 2.5


def test_version_1_of_control_groups_limits_by_quota_and_period(tmp_path: Path) -> None:
    lines = "9:name=systemd:/\n3:cpuset:/x\n2:cpu,cpuacct:/c:d\n0::/\n"
    files = {"cpu/c:d/cpu.cfs_quota_us": "150000\n", "cpu/c:d/cpu.cfs_period_us": "100000\n"}
    files |= {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}
    assert limit(tmp_path, lines, files) == 1.5


def test_in_a_container_the_limit_is_at_the_root(tmp_path: Path) -> None:
    assert limit(tmp_path, "0::/docker/0123\n", {"cpu.max": "50000 100000"}) == 0.5


@pytest.mark.parametrize(
    ("lines", "files"),
    [
        ("", {}),
        ("no line of the kind\n", {}),
        ("0::/\n", {"cpu.max": "max 100000"}),
        ("0::/\n", {"cpu.max": "what is this"}),
        ("0::/../../etc\n", {}),
    ],
)
def test_without_a_limit_it_is_infinite(lines: str, files: dict[str, str], tmp_path: Path) -> None:
    assert limit(tmp_path, lines, files) == math.inf
    assert limit_of_groups(tmp_path / "none") == math.inf


def test_a_part_of_a_processor_counts_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    if hasattr(os, "process_cpu_count"):
        monkeypatch.setattr(os, "process_cpu_count", lambda: 8)
    else:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(8), raising=False)
    for limit, processors_there in ((math.inf, 8), (20.0, 8), (2.5, 3), (0.1, 1)):
        monkeypatch.setattr(processors, "limit_of_groups", lambda limit=limit: limit)
        assert available_processors() == processors_there

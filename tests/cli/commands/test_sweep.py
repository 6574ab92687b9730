"""The command `sweep`: the values that are asked for. What it prints is tested with the other commands."""

from __future__ import annotations

import pytest

from tui_initflow.cli.commands.sweep import parse_values
from tui_initflow.cli.diagnostics import Failure


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
        ("1:1000,1:1000", tuple(range(1, 1001))),
    ],
)
def test_sweep_values(text: str, values: tuple[int, ...]) -> None:
    assert parse_values("layers", text) == values


def test_bad_sweep_values_are_refused_with_the_range() -> None:
    for text in ("", ",", "1,", "1,,2", "x", "0", "-1", "1.5", "1001", "1:", ":5", "5:1", "1:5:0", "1:2:3:4", "1:1e3"):
        with pytest.raises(Failure, match=r"--values: .* layers from 1 to 1000, such as 1:20"):
            parse_values("layers", text)


@pytest.mark.parametrize("values", ["1:65536", ",".join(["1:1000"] * 5000), ",".join(map(str, range(1, 1500)))])
def test_too_many_sweep_values_are_refused(values: str) -> None:
    with pytest.raises(Failure, match="at most 1000 values"):
        parse_values("features", values)

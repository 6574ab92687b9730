"""Every hostile array at every kind of size, in a process of its own: plotext would abort, not raise."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

FUZZ = """
import math, random
import numpy as np
from tests.charts.samples import every_chart, lines
from tui_initflow.charts.palette import DARK
from tui_initflow.charts.render import render

inf, nan, tiny, huge = math.inf, math.nan, 5e-324, 1.7e308
arrays = [
    [], [0.0], [nan], [inf], [-inf], [nan] * 7, [inf] * 7, [-inf] * 7, [0.0] * 12, [-3.3] * 100,
    [inf, -inf], [nan, inf, -inf, 0.0], [huge, -huge], [huge] * 3, [-huge, 0.0, huge], [tiny, -tiny], [tiny] * 5,
    [0.0, tiny, huge, nan], [1e12, -1e12], [1e9, 1e9 + 1], [1e-300, -1e-300, 0.0], [1.0, 1.0 + 2e-16],
    [-1e3, 1e3] * 20, [0.0, -239.0], list(np.linspace(0, -239, 1001)), [0.0, nan] * 30, [-inf, 0.0] * 30,
    list(-40 * np.abs(np.sin(np.arange(400.0)))),
]
sizes = [(1, 1), (2, 2), (3, 1), (1, 7), (4, 4), (5, 3), (9, 5), (15, 6), (24, 8), (80, 24)]
# the largest takes as long as all the others
sizes = [*sizes * 4, (300, 100)]
rng = random.Random(1)
for a in arrays:
    for b in (a[::-1], [rng.choice([nan, inf, -inf, 0.0, rng.uniform(-300, 300)]) for _ in a]):
        for chart in every_chart(a, b):
            for width, height in rng.sample(sizes, 1):
                picture = render(chart, width, height, DARK if rng.random() < 0.7 else DARK.in_ascii)
                assert [len(line) for line in lines(picture)] == [width] * height, (chart, width, height)
print("survived")
"""


def test_nothing_hostile_gets_through() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FUZZ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "survived\n", "")

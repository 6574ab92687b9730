"""From a key to the last byte it causes, on a fast line."""

from __future__ import annotations

import statistics
import time

import pyte

from tests.benchmarks.engine.timing import show, verdict
from tests.benchmarks.terminal.line import Burst, Line

TAB, UP, RUN, PANES = "\t", "\x1b[A", "r", "36"
TIMES = 15
REPAINTED_GAP = 0.02
"""A pause of so many seconds separates the repaint of the results from the sweeps that follow."""
FOCUS, STEP, SWEEPS_MILLIS = (30, 1500), (60, 12_000), 150
KEYS_A_SECOND, HELD_SECONDS, LAG_MILLIS = 30, 5, 200


def main() -> None:
    with Line() as line:
        line.wait_for("press r")
        line.burst(line.started, quiet=0.5)
        line.burst(line.press(RUN))
        panes = [line.burst(line.press(PANES[i % 2])) for i in range(TIMES)]
        line.burst(line.press(TAB))
        focus = [line.burst(line.press(TAB)) for _ in range(TIMES)]
    with Line() as line:
        line.wait_for("press r")
        line.burst(line.started, quiet=0.5)
        line.burst(line.press(RUN))
        line.burst(line.press(TAB))
        steps = [line.burst(line.press(UP)) for _ in range(TIMES)]
    repaints = [step.until_gap(REPAINTED_GAP) if step.size else step for step in map(_after_the_echo, steps)]
    sweeps = [1e3 * (step.last - repaint.last) for step, repaint in zip(steps, repaints, strict=True)]
    middle = statistics.median(sweeps)
    show(
        f"Key to last byte, {TIMES} times each",
        ("", "median, ms", "worst, ms", "median, bytes", "at most", ""),
        [
            _row("move the focus", focus, FOCUS),
            _row("step Layers: run, banner, chart, tables", repaints, STEP),
            (
                "  its sweeps, after that",
                f"{middle:.0f}",
                f"{max(sweeps):.0f}",
                f"{statistics.median(a.size - b.size for a, b in zip(steps, repaints, strict=True)):,.0f}",
                f"{SWEEPS_MILLIS} ms",
                verdict(middle <= SWEEPS_MILLIS),
            ),
            _row("another pane", panes, None),
        ],
    )
    lag, value, wanted = _held()
    show(
        f"{UP!r} held at {KEYS_A_SECOND} keys a second for {HELD_SECONDS} s",
        ("", "", "at most", ""),
        [
            ("furthest behind, ms", f"{1e3 * lag:.0f}", str(LAG_MILLIS), verdict(1e3 * lag <= LAG_MILLIS)),
            ("Layers at the end", str(value), str(wanted), verdict(value == wanted)),
        ],
    )
    _idle()


def _after_the_echo(step: Burst) -> Burst:
    """Without the few bytes that show the new value at once."""
    return Burst([chunk for chunk in step.chunks if chunk[0] > step.chunks[0][0] + 0.004])


def _row(name: str, bursts: list[Burst], most: tuple[int, int] | None) -> tuple[str, ...]:
    last = [1e3 * burst.last for burst in bursts]
    size = statistics.median(burst.size for burst in bursts)
    target, outcome = "", ""
    if most is not None:
        target = f"{most[0]} ms, {most[1]:,} bytes"
        outcome = verdict(statistics.median(last) <= most[0] and size <= most[1])
    return name, f"{statistics.median(last):.0f}", f"{max(last):.0f}", f"{size:,.0f}", target, outcome


def _held() -> tuple[float, int, int]:
    """How far the value shown was behind the keys at the worst, the value at the end, and what it should be."""
    screen = pyte.Screen(120, 40)
    stream = pyte.ByteStream(screen)
    with Line() as line:
        line.wait_for("press r")
        line.burst(line.started, quiet=0.5)
        line.burst(line.press(TAB))
        pressed: list[float] = []
        worst = 0.0
        first, parsed = _shown(line, stream, screen, 0)
        start = time.perf_counter()
        wanted = KEYS_A_SECOND * HELD_SECONDS
        while True:
            now = time.perf_counter()
            if len(pressed) < wanted and now - start >= len(pressed) / KEYS_A_SECOND:
                line.press(UP)
                pressed.append(now)
            line.read(now, 0.004)
            value, parsed = _shown(line, stream, screen, parsed)
            behind = pressed[value - first :]
            worst = max(worst, now - behind[0] if behind else 0.0)
            if len(pressed) == wanted and (not behind or now - pressed[-1] > 5.0):
                return worst, value, first + wanted


def _shown(line: Line, stream: pyte.ByteStream, screen: pyte.Screen, parsed: int) -> tuple[int, int]:
    """The value in the field Layers after all that has arrived."""
    stream.feed(bytes(line.text[parsed:]))
    for row in screen.display:
        head, label, rest = row.partition("Layers ")
        if label and not head.strip():
            return int(rest.split()[0]), len(line.text)
    raise LookupError("no field Layers on the screen")


def _idle(seconds: float = 10.0) -> None:
    with Line() as line:
        line.wait_for("press r")
        line.burst(line.press(RUN), quiet=1.0)
        before, since = line.cpu_seconds, time.perf_counter()
        size = 0
        while time.perf_counter() - since < seconds:
            chunk = line.read(since, 0.2)
            size += chunk[1] if chunk else 0
        share = (line.cpu_seconds - before) / seconds
    show(
        f"Idle for {seconds:.0f} s",
        ("", "", "at most", ""),
        [
            ("bytes", str(size), "0", verdict(size == 0)),
            ("processor", f"{share:.1%}", "1%", verdict(share < 0.01)),
        ],
    )

"""Quit and stop on a line of 8,000 bytes a second, in various situations."""

from __future__ import annotations

import statistics
import time

from tests.benchmarks.engine.timing import show, verdict
from tests.benchmarks.terminal.line import Line

RATE = 8000
QUIT_SECONDS, STOP_SECONDS, FRAME_BYTES, FRAMES_A_SECOND = 0.5, 1.0, 2000, 5
MANY = ("--runs", "100000")
LONG_TRAINING = ("--layers", "30", "--neurons", "100")
STATES = {
    "right after the start": "",
    "a run": "r",
    "runs streaming in": "R",
    "phase chart": "p",
    "all panes, one after the other": "r123456",
    "help": "?",
}


def main() -> None:
    rows = []
    for name, keys in STATES.items():
        seconds = [_quit(keys, wait) for wait in (0.05, 0.4, 1.5)]
        worst = max(seconds)
        rows.append((name, f"{worst:.2f}", f"{QUIT_SECONDS}", verdict(worst <= QUIT_SECONDS)))
    show(f"Quit at {RATE:,} bytes a second, 0.05 to 1.5 s after the keys", ("", "worst, s", "at most", ""), rows)
    stops = [_stop(wait) for wait in (0.5, 2.0, 4.0)]
    frames, per_second = _frames(None)
    slow_frames, slow_per_second = _frames(RATE)
    training_frames, _ = _frames(None, "g", *LONG_TRAINING)
    show(
        f"{MANY[1]} runs",
        ("", "", "at most", ""),
        [
            ("stop on the slow line, worst, s", f"{max(stops):.2f}", f"{STOP_SECONDS}", verdict(max(stops) <= 1.0)),
            ("live frame, median bytes", f"{frames:,.0f}", f"{FRAME_BYTES:,}", verdict(frames <= FRAME_BYTES)),
            ("live frames a second", f"{per_second:.1f}", str(FRAMES_A_SECOND), verdict(per_second <= 5.05)),
            (
                "  of a training, median bytes",
                f"{training_frames:,.0f}",
                f"{FRAME_BYTES:,}",
                verdict(training_frames <= FRAME_BYTES),
            ),
            ("  on the slow line, median bytes", f"{slow_frames:,.0f}", "", ""),
            ("  on the slow line, a second", f"{slow_per_second:.1f}", "", ""),
        ],
    )


def _started(rate: int | None, *arguments: str) -> Line:
    line = Line(arguments, rate=rate)
    line.wait_for("press r")
    return line


def _quit(keys: str, wait: float) -> float:
    with _started(RATE, *MANY) as line:
        for key in keys:
            line.burst(line.press(key), quiet=0.0, limit=0.05)
        line.burst(time.perf_counter(), quiet=wait, limit=wait)
        if keys in ("?", "p"):
            line.press("\x1b")
            line.burst(time.perf_counter(), quiet=0.15, limit=0.15)
        return line.seconds_to_the_end(line.press("q"))


def _stop(wait: float) -> float:
    """Seconds until the app says that it has stopped."""
    with _started(RATE, *MANY) as line:
        line.burst(line.press("R"), quiet=wait, limit=wait)
        line.text.clear()
        line.press("s")
        return line.wait_for("stopped")


def _frames(rate: int | None, key: str = "R", *arguments: str, seconds: float = 6.0) -> tuple[float, float]:
    """Median bytes of the frames of a long run or training, and how many there are in a second."""
    with _started(rate, *MANY, *arguments) as line:
        line.burst(line.started, quiet=0.5)
        line.press(key)
        if key == "g":
            line.wait_for("/500", limit=120.0)
        # the first frames bring the charts; later ones what changes
        line.burst(time.perf_counter(), quiet=2.0, limit=2.0)
        since = time.perf_counter()
        chunks = line.burst(since, quiet=seconds, limit=seconds).chunks
    starts: list[float] = []
    frames: list[int] = []
    last = -1.0
    for at, size in chunks:
        if at - last > 0.05:
            starts.append(at)
            frames.append(0)
        frames[-1] += size
        last = at
    # as many intervals as frames after the first
    return (statistics.median(frames) if frames else 0.0), (len(frames) - 1) / (starts[-1] - starts[0])

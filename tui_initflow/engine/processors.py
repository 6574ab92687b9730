"""How many processors this process may use: its affinity, and on Linux what its control groups leave it.

A container that may use two of sixty-four processors sees them all; processes for each would only wait for each other.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePosixPath

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Where numpy's BLAS, when it is imported, finds in the environment how many threads it may start."""

CONTROL_GROUPS, MOUNTED = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def available_processors() -> int:
    """One at least. A part of a processor counts as one."""
    if hasattr(os, "process_cpu_count"):
        # from Python 3.13 on; it knows PYTHON_CPU_COUNT too
        allowed = os.process_cpu_count() or 1
    else:
        allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = limit_of_groups()
    return allowed if math.isinf(limit) else min(allowed, max(1, math.ceil(limit)))


@cache
def limit_of_groups(groups: Path = CONTROL_GROUPS, mounted: Path = MOUNTED) -> float:
    """Processors that the control groups of this process may use, infinite without a limit.

    `groups` lists them, a line `number:controllers:path` each, with no controllers for version 2. A limit of any group
    above holds too. In a container, the path may be that of outside; its own group is mounted at the root there.
    """
    limit = math.inf
    # what is not understood sets no limit
    with suppress(OSError, ValueError):
        for line in groups.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            of_line = _limits(PurePosixPath(path), controllers.split(","), mounted)
            limit = min(limit, *of_line, math.inf)
    return limit


def _limits(path: PurePosixPath, controllers: list[str], mounted: Path) -> Iterator[float]:
    """Those of the group at this path and of all above it."""
    inside = [above.relative_to("/") for above in (path, *path.parents) if above.is_absolute()]
    for folder in inside:
        # a file is there only where the controller is
        with suppress(OSError, ValueError):
            if controllers == [""]:
                quota, period = (mounted / folder / "cpu.max").read_text().split()
            elif "cpu" in controllers:
                at = mounted / "cpu" / folder
                quota, period = ((at / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
            else:
                return
            # "max" and -1 are no limit
            if float(quota) > 0:
                yield float(quota) / float(period)

"""What a process of a local cluster does first. Dask loads this module there."""

from __future__ import annotations

import ctypes
import logging
import signal
import sys

PR_SET_PDEATHSIG = 1
"""Option of prctl(2) on Linux: the signal to get when the parent ends."""


def dask_setup(_worker: object) -> None:
    """Called in the process when its worker starts.

    A terminal sends Ctrl+C to all processes, but those that compute are told by the one that waits for them what to
    stop, after it has taken what is done. And none outlives it: Dask sees to that with a thread, which does not run
    while the process is stopped. What Dask logs would go to the same terminal.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable(logging.CRITICAL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

"""Work for tests of places: each function here gives what computes an item. Imports nothing that those would load."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from tui_initflow.engine.pool import Stop
from tui_initflow.model.settings import SettingError


def squares(_: Stop) -> Callable[[int], int]:
    return lambda item: item**2


def loaded(_: Stop) -> Callable[[object], set[str]]:
    """The modules of the process."""
    return lambda _: set(sys.modules)


def variables(_: Stop) -> Callable[[str], str | None]:
    """Those of the environment."""
    return os.environ.get


def processes(_: Stop) -> Callable[[object], tuple[int, int]]:
    """The process and its session."""
    return lambda _: (os.getpid(), os.getsid(0))


def endless(stop: Stop) -> Callable[[int], int]:
    """Item 0 is done at once, any other when it is stopped."""

    def compute(item: int) -> int:
        while item:
            stop.checkpoint()
        return item

    return compute


def failing(_: Stop) -> Callable[[int], int]:
    """Item 3 does not fit in memory, item 5 is a setting that is not allowed, and item 7 is none of ours."""

    def compute(item: int) -> int:
        match item:
            case 3:
                raise MemoryError("no room")
            case 5:
                raise SettingError("layers", "too many", "fewer")
            case 7:
                raise Unsendable(1, 2)
        print("what is printed is no answer")
        return item

    return compute


class Unsendable(Exception):
    """Cannot be made from its arguments."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"{one} and {other}")


def dying(at: int, flag: str, _: Stop) -> Callable[[int], int]:
    """Kills its process at an item; with the name of a file, only while that is not there, which it then is."""

    def compute(item: int) -> int:
        if item == at and not os.path.exists(flag):
            if flag:
                open(flag, "x").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    return compute

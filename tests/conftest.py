"""What all tests share: configuration of their own, and the command as a user's shell runs it."""

from __future__ import annotations

import gc
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.unraisableexception import gc_collect_iterations_key
from hypothesis import settings

# as the command does, before anything imports numpy: two workers whose BLAS has threads of its own wait for each other
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# what a shell starts in the background is deaf to Ctrl+C, and so is all that it starts
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# the tests start this program hundreds of times: it is compiled once, whatever the shell says
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# four thousand tests and all that they import stay in memory, and need not be gone through ten times a second
gc.set_threshold(400_000, 50, 100)

# a loaded machine is no fault of the code
settings.register_profile("suite", deadline=None, max_examples=30)
settings.load_profile("suite")

Command = Callable[..., subprocess.CompletedProcess[str]]


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("torch") and importlib.util.find_spec("torch") is None:
        pytest.skip("needs PyTorch: the extra torch")


def pytest_configure(config: pytest.Config) -> None:
    # objects that die unseen are still looked for at the end: once, not five times a worker
    config.stash[gc_collect_iterations_key] = 1


def pytest_collection_finish() -> None:
    gc.freeze()


@pytest.fixture(scope="session")
def config_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("configs")


@pytest.fixture(autouse=True)
def config_folder(config_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty configuration folder for each test, so that none touches the files of whoever runs it."""
    # pytest's own would be numbered, for which it reads the names of all the others
    folder = Path(tempfile.mkdtemp(dir=config_folders))
    # each platform has its own
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(variable, str(folder))
    return folder


@pytest.fixture(scope="session")
def command() -> Command:
    """Run the command with arguments, no standard input and captured output."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tui_initflow", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run

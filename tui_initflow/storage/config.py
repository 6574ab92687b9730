"""Presets and the last session, kept as TOML in the platform's folder for configuration.

A file that cannot be understood is reported in one line, left as it is, and not written over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.settings import SettingError
from tui_initflow.storage.files import reason, write_whole

SESSION, PRESETS = "session.toml", "presets.toml"
LARGEST = 200_000
"""Bytes: a larger file is none of ours."""
LONGEST_NAME = 40
Theme = Literal["dark", "light"]


class ConfigError(Exception):
    """What is wrong with a file, in one line."""


@dataclass(frozen=True, slots=True)
class LastSession:
    """What the app starts with again."""

    experiment: Experiment
    theme: Theme = "dark"
    theory: bool = False


def default_folder() -> Path:
    from platformdirs import user_config_path

    return user_config_path("tui-initflow", appauthor=False)


class Config:
    """The files in a folder, which is made when something is saved."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def last_session(self) -> LastSession | None:
        """The last session, None where there was none.

        Raises:
            ConfigError: the file is broken.
        """
        table = self._read(SESSION)
        if table is None:
            return None
        self._refuse_unknown(SESSION, table, ("theme", "theory", "experiment"))
        theme, theory = table.get("theme", "dark"), table.get("theory", False)
        if theme not in ("dark", "light") or not isinstance(theory, bool):
            raise ConfigError(f"{self._folder / SESSION}: theme is dark or light, theory true or false")
        return LastSession(self._experiment(SESSION, table.get("experiment", {})), theme, theory)

    def save_session(self, session: LastSession) -> None:
        """Raises ConfigError where it cannot be written, or what is there is broken."""
        self.last_session()
        table = {"theme": session.theme, "theory": session.theory, "experiment": _table(session.experiment)}
        self._write(SESSION, table)

    def presets(self) -> dict[str, Experiment]:
        """The presets that were saved, by name.

        Raises:
            ConfigError: the file is broken.
        """
        return {name: self._experiment(PRESETS, table) for name, table in (self._read(PRESETS) or {}).items()}

    def save_preset(self, name: str, experiment: Experiment) -> None:
        """Raises ConfigError where it cannot be written, or what is there is broken."""
        self._save_presets({**self.presets(), name: experiment})

    def delete_preset(self, name: str) -> None:
        """Raises ConfigError where it cannot be written, or what is there is broken."""
        self._save_presets({each: preset for each, preset in self.presets().items() if each != name})

    def _save_presets(self, presets: Mapping[str, Experiment]) -> None:
        self._write(PRESETS, {name: _table(preset) for name, preset in presets.items()})

    def _read(self, name: str) -> dict[str, Any] | None:
        path = self._folder / name
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
            if len(content) > LARGEST:
                raise ConfigError(f"{path}: too large to be a file of this program")
            return tomllib.loads(content.decode("utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError(f"{path}: {reason(error)}") from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            said = " ".join(str(error).split())[:80]
            raise ConfigError(f"{path}: not TOML, {said}") from None

    def _write(self, name: str, table: Mapping[str, Any]) -> None:
        # writing is rare, and reading needs no writer
        import tomli_w

        path = self._folder / name
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, tomli_w.dumps(table))
        except OSError as error:
            raise ConfigError(f"{path}: {reason(error)}") from None

    def _experiment(self, file: str, table: object) -> Experiment:
        path = self._folder / file
        if not isinstance(table, dict):
            raise ConfigError(f"{path}: an experiment is a table of settings")
        self._refuse_unknown(file, table, tuple(SETTINGS))
        try:
            return Experiment(**table)
        except SettingError as error:
            raise ConfigError(f"{path}: {error}") from None

    def _refuse_unknown(self, file: str, table: Mapping[str, object], known: tuple[str, ...]) -> None:
        unknown = next((name for name in table if name not in known), None)
        if unknown is not None:
            raise ConfigError(f"{self._folder / file}: unknown name {unknown[:40]!a}; one of {', '.join(known)}")


def _table(experiment: Experiment) -> dict[str, Any]:
    """Every setting by name; a list of widths stands for what it implies."""
    left_out = ("widths",) if experiment.widths is None else SIZES
    table = {name: getattr(experiment, name) for name in SETTINGS if name not in left_out}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in table.items()}

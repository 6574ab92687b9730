"""Presets, the last session and the user's keys, kept as TOML in the platform's configuration folder.

A file with anything in it that is not understood is reported in one line, and never overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from tui_initflow.model.experiment import SETTINGS, SIZES, Experiment
from tui_initflow.model.settings import SettingError
from tui_initflow.storage.files import reason, write_whole
from tui_initflow.untrusted import open_regular

SESSION, PRESETS, KEYS = "session.toml", "presets.toml", "keys.toml"
LARGEST = 200_000
"""Bytes: a larger file is not one of ours."""
MOST_PARTS = 32
"""Most parts of a dotted key: ours have one, and tomllib takes time and memory by the square of their number."""
LONGEST_NAME = 40
MOST_FILES, MOST_PRESETS = 10, 1000
_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""
_LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*(?:{_PART}){{{MOST_PARTS}}}", re.MULTILINE)
Theme = Literal["dark", "light", "contrast"]


class ConfigError(Exception):
    """What is wrong with a file, in one line."""


@dataclass(frozen=True, slots=True)
class LastSession:
    """What the app starts from."""

    experiment: Experiment
    theme: Theme = "dark"
    theory: bool = False
    files: tuple[str, ...] = ()
    """Checkpoints opened last, the newest first."""


def default_folder() -> Path:
    from platformdirs import user_config_path

    return user_config_path("tui-initflow", appauthor=False)


class Config:
    """The files in `folder`, which is created on the first save. Settings that a file omits are those of `defaults`.

    Every method raises ConfigError if a file is broken, or cannot be read or written.
    """

    def __init__(self, folder: Path, defaults: Experiment | None = None) -> None:
        self._folder = folder
        self._defaults = defaults or Experiment()

    def last_session(self) -> LastSession | None:
        """The last session, or None if there is none."""
        table = self._read(SESSION)
        if table is None:
            return None
        path = self._folder / SESSION
        _refuse_unknown(f"{path}:", table, ("theme", "theory", "files", "experiment"))
        theme, theory = table.get("theme", "dark"), table.get("theory", False)
        if theme not in get_args(Theme):
            raise ConfigError(f"{path}: theme must be one of {', '.join(get_args(Theme))}")
        if not isinstance(theory, bool):
            raise ConfigError(f"{path}: theory must be true or false")
        files = table.get("files", [])
        if not isinstance(files, list) or not all(isinstance(file, str) for file in files):
            raise ConfigError(f"{path}: files must be a list of paths")
        experiment = self._experiment(SESSION, "experiment", table.get("experiment", {}))
        return LastSession(experiment, theme, theory, tuple(files[:MOST_FILES]))

    def save_session(self, session: LastSession) -> None:
        self.last_session()  # does not overwrite a broken file
        table = {
            "theme": session.theme,
            "theory": session.theory,
            "files": [file for file in session.files[:MOST_FILES] if _is_utf8(file)],
            "experiment": _table(session.experiment),
        }
        self._write(SESSION, table)

    def keys(self) -> dict[str, str]:
        """The user's own keys by the name of the action. The app knows which are possible, and writes none."""
        table = self._read(KEYS) or {}
        wrong = next((name for name, key in table.items() if not isinstance(key, str)), None)
        if wrong is not None:
            raise ConfigError(f'{self._folder / KEYS}: {wrong[:LONGEST_NAME]!a} must be a key in quotes, such as "x"')
        return table

    def presets(self) -> dict[str, Experiment]:
        """The saved presets by name."""
        tables = self._read(PRESETS) or {}
        if len(tables) > MOST_PRESETS:
            raise ConfigError(f"{self._folder / PRESETS}: more than {MOST_PRESETS} presets")
        for name in tables:
            if not name.isprintable():
                raise ConfigError(f"{self._folder / PRESETS}: {name[:LONGEST_NAME]!a}: a name must be printable")
        return {name: self._experiment(PRESETS, name, table) for name, table in tables.items()}

    def save_preset(self, name: str, experiment: Experiment) -> None:
        self._save_presets({**self.presets(), name: experiment})

    def delete_preset(self, name: str) -> None:
        self._save_presets({other: preset for other, preset in self.presets().items() if other != name})

    def _save_presets(self, presets: Mapping[str, Experiment]) -> None:
        self._write(PRESETS, {name: _table(preset) for name, preset in presets.items()})

    def _read(self, file: str) -> dict[str, Any] | None:
        # imported here, because only the app reads
        import tomllib

        path = self._folder / file
        try:
            with open_regular(path) as stream:
                content = stream.read(LARGEST + 1)
            if len(content) > LARGEST:
                raise ConfigError(f"{path}: larger than {LARGEST} bytes")
            text = content.decode("utf-8")
            if _LONG_KEY.search(text):
                raise ConfigError(f"{path}: a key of more than {MOST_PARTS} parts")
            return tomllib.loads(text)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError(f"{path}: {reason(error)}") from None
        except (ValueError, RecursionError) as error:
            # a number of too many digits is a ValueError of its own
            problem = " ".join(str(error).split())[:80]
            raise ConfigError(f"{path}: not valid TOML: {problem}") from None

    def _write(self, file: str, table: Mapping[str, Any]) -> None:
        # imported here, because most starts only read
        import tomli_w

        path = self._folder / file
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, tomli_w.dumps(table))
        except OSError as error:
            raise ConfigError(f"{path}: {reason(error)}") from None

    def _experiment(self, file: str, name: str, table: object) -> Experiment:
        where = f"{self._folder / file}: {name[:LONGEST_NAME]!a}:"
        if not isinstance(table, dict):
            raise ConfigError(f"{where} must be a table of settings")
        _refuse_unknown(where, table, tuple(SETTINGS))
        try:
            return self._defaults.with_(**table)
        except SettingError as error:
            raise ConfigError(f"{where} {error}") from None


def _refuse_unknown(where: str, table: Mapping[str, object], known: tuple[str, ...]) -> None:
    unknown = next((name for name in table if name not in known), None)
    if unknown is not None:
        raise ConfigError(f"{where} unknown key {unknown[:LONGEST_NAME]!a}; must be one of {', '.join(known)}")


def _table(experiment: Experiment) -> dict[str, Any]:
    """The settings by name; a list of widths replaces the sizes it implies."""
    omitted = ("widths",) if experiment.widths is None else SIZES
    values = [(setting, setting.of(experiment)) for name, setting in SETTINGS.items() if name not in omitted]
    return {setting.name: value for setting, value in values if setting.is_written(value)}


def _is_utf8(path: str) -> bool:
    """Whether TOML can hold the path: the names of files may be any bytes."""
    return path.encode(errors="replace").decode() == path

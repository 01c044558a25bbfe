"""The project's file, `segment.toml`: what one bank says once for every command, found from any folder below it."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from segment.exceptions import UsageError
from segment.input_files import read_input_text
from segment.messages import Message
from segment.settings import PROJECT_FILE, Settings

_PREFIX: Final = "SEGMENT_"
_OTHER_NAMES: Final = {"tracking": "mlflow_uri"}
# who decides and what signs the records is no matter of a file that everybody in the project shares
_NEVER: Final = frozenset({"user", "user_from_environment", "chain_key", "mlflow_uri"})
_PLACES: Final = frozenset({"ledger", "tracking", "store"})
"""Folders, or URLs."""
_PATHS: Final = frozenset(name for name, field in Settings.model_fields.items() if "Path" in str(field.annotation))
PROJECT_KEYS: Final = tuple(sorted({*Settings.model_fields, *_OTHER_NAMES} - _NEVER))


def find_project(folder: Path) -> Path | None:
    """Find the project's file in a folder or in the nearest one above it."""
    return next((file for place in (folder, *folder.parents) if (file := place / PROJECT_FILE).is_file()), None)


@contextmanager
def project_settings(folder: Path) -> Iterator[None]:
    """Let the project's file say what neither the environment nor an option says, while a command runs."""
    file = find_project(folder)
    said = {} if file is None else read_project(file)
    added = [name for name in said if name not in os.environ]
    os.environ.update({name: said[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


def read_project(file: Path) -> dict[str, str]:
    """Read a project's file as the environment would say it; paths are seen from its folder."""
    text = read_input_text(
        file, Message("errors.what.project"), UsageError, Message("errors.hint.mend", {"file": PROJECT_FILE})
    )
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as fault:
        raise UsageError.of("errors.project_not_toml", file=file, fault=fault) from None
    strange = sorted(set(content) - set(PROJECT_KEYS))
    wrong = sorted(key for key, value in content.items() if not isinstance(value, str | int | float | list))
    if strange or wrong:
        raise UsageError.of("errors.project_settings", file=file, strange=strange or wrong, project_keys=PROJECT_KEYS)
    return {
        _PREFIX + _OTHER_NAMES.get(key, key).upper(): _written(key, value, file.parent)
        for key, value in content.items()
    }


def _written(key: str, value: object, folder: Path) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list):
        return json.dumps(value)
    text = str(value)
    is_place = key in _PATHS or (key in _PLACES and "://" not in text)
    return str((folder / Path(text).expanduser()).resolve()) if is_place else text

"""The last champion known, kept in the workspace for when the tracking server is away."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHAMPION_FILE = "champion.json"


def keep_copy(folder: Path, model_file: Path, known: Mapping[str, Any], sha256: str) -> None:
    """Keep a champion's file under its SHA-256, and who it is.

    Parameters
    ----------
    folder : Path
        Of the workspace's models.
    model_file : Path
        A skops file.
    known : mapping
        Version, run and tags.
    sha256 : str
        Recorded when it was registered.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{sha256}.skops"
    if not target.is_file():
        unfinished = folder / f"{sha256}.{os.getpid()}.part"
        shutil.copyfile(model_file, unfinished)
        unfinished.replace(target)
    text = json.dumps(dict(known), indent=2, sort_keys=True)
    place = folder / CHAMPION_FILE
    if not place.is_file() or place.read_text() != text:
        unfinished = folder / f"{CHAMPION_FILE}.{os.getpid()}.part"
        unfinished.write_text(text)
        unfinished.replace(place)


def copy_of_champion(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """Find the last champion that was kept.

    Parameters
    ----------
    folder : Path
        Of the workspace's models.

    Returns
    -------
    (Path, dict) or None
        Its file, and its version, run and tags; None where none was kept.
    """
    place = folder / CHAMPION_FILE
    if not place.is_file():
        return None
    known = json.loads(place.read_text())
    path = folder / f"{known['tags'].get('sha256')}.skops"
    return (path, known) if path.is_file() else None


def kept_text(folder: Path, sha256: str, file: str) -> str | None:
    """Read a text that stands beside a champion's copy.

    Parameters
    ----------
    folder : Path
        Of the workspace's models.
    sha256 : str
        Of the model.
    file : str
        Such as ``"drift_reference.json"``.

    Returns
    -------
    str or None
    """
    place = folder / f"{sha256}.{file}"
    return place.read_text(encoding="utf-8") if place.is_file() else None


def keep_text(folder: Path, sha256: str, file: str, text: str) -> None:
    """Put a text of a model's run beside the model's copy.

    Parameters
    ----------
    folder : Path
        Of the workspace's models.
    sha256 : str
        Of the model.
    file : str
        Name of the text.
    text : str
        What the run logged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{sha256}.{file}.{os.getpid()}.part"
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(folder / f"{sha256}.{file}")

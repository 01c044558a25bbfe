"""The last champion known, kept in the workspace for when the tracking server is away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segment.files import write_json, write_text, write_whole

CHAMPION_FILE = "champion.json"


def store_champion(folder: Path, model_file: Path, champion: Mapping[str, Any], sha256: str) -> None:
    """Keep a champion's file under its SHA-256, and who it is."""
    target = folder / f"{sha256}.skops"
    if not target.is_file():
        write_whole(target, lambda beside: shutil.copyfile(model_file, beside))
    write_json(dict(champion), folder / CHAMPION_FILE)


def stored_champion(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """Find the last champion that was kept."""
    place = folder / CHAMPION_FILE
    if not place.is_file():
        return None
    champion = json.loads(place.read_text(encoding="utf-8"))
    path = folder / f"{champion['tags'].get('sha256')}.skops"
    return (path, champion) if path.is_file() else None


def stored_text(folder: Path, sha256: str, file: str) -> str | None:
    """Read a text that stands beside a champion's copy."""
    place = folder / f"{sha256}.{file}"
    return place.read_text(encoding="utf-8") if place.is_file() else None


def store_text(folder: Path, sha256: str, file: str, text: str) -> None:
    """Put a text of a model's run beside the model's copy."""
    write_text(text, folder / f"{sha256}.{file}")

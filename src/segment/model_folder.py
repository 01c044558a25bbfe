"""Where the policies and model specs that come with the package lie."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from segment.exceptions import PolicyError


def find_model_file(name: str) -> Path:
    """Find a file of ``models/``: in the working folder, beside the source, or where the package was installed."""
    source = Path(__file__).resolve().parents[2] / "models"
    installed = Path(sysconfig.get_path("data")) / "share" / "segment" / "models"
    for folder in (Path("models"), source, installed):
        if (folder / name).is_file():
            return folder / name
    raise PolicyError.of("errors.no_model_file", name=name)


def named_file(path: str | Path) -> Path:
    """Find a file of ``models/`` by its bare name, such as "retail"; anything else is a path."""
    place = Path(path)
    bare = isinstance(path, str) and place.name == path and not place.suffix and not place.exists()
    return find_model_file(f"{path}.toml") if bare else place

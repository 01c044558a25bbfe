"""Frames named by the hash of their bytes, and catalogues that name them: a folder that a killed run cannot spoil."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from segment.files import write_bytes, write_json


class FrameStore:
    """A folder of frames by content and of catalogues that name them."""

    # A catalogue is written after its frames, so that what it names is there; frames that no catalogue names are
    # left-overs of a killed run or of an older state and go when the next catalogue is written.

    def __init__(self, folder: Path, clean: Callable[[pl.DataFrame], pl.DataFrame] | None = None) -> None:
        self.folder, self._clean = folder, clean

    def read_catalogue(self, catalogue: str) -> dict[str, Any]:
        """Read a catalogue; empty where there is none, or where it is no catalogue."""
        try:
            content = json.loads((self.folder / f"{catalogue}.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def read_frame(self, name: str) -> pl.DataFrame | None:
        """Read a frame; None where its file is gone or is not what was written."""
        try:
            content = self._file(name).read_bytes()
        except FileNotFoundError:
            return None
        return pl.read_parquet(io.BytesIO(content), glob=False) if _name_of(content) == name else None

    def has_frame(self, name: str) -> bool:
        """Say whether a frame's file is there."""
        return self._file(name).is_file()

    def write_frame(self, frame: pl.DataFrame) -> str:
        """Write a frame and return the name to ask for it by."""
        written = io.BytesIO()
        frame = frame if self._clean is None else self._clean(frame)
        frame.write_parquet(written, compression="zstd", statistics=False)
        content = written.getvalue()
        name = _name_of(content)
        if self.read_frame(name) is None:
            write_bytes(content, self._file(name))
        return name

    def write_catalogue(self, catalogue: str, content: dict[str, Any], names: list[str]) -> None:
        """Write a catalogue that names these frames, and clear away those that no catalogue names any more."""
        write_json({**content, "frames": sorted(names)}, self.folder / f"{catalogue}.json")
        named = {
            name for path in self.folder.glob("*.json") for name in self.read_catalogue(path.stem).get("frames", ())
        }
        for path in (self.folder / "frames").glob("*"):
            if path.stem not in named:
                path.unlink(missing_ok=True)

    def remove_catalogue(self, catalogue: str) -> None:
        """Remove a catalogue; its frames go with the next one that is written."""
        (self.folder / f"{catalogue}.json").unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self.folder / "frames" / f"{name}.parquet"


def _name_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:40]

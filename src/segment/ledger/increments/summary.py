"""The summary of one part of a long table, stored between runs: enough to do without reading the part again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any, Protocol

import polars as pl

from segment.ledger.reading import Cells

DAYS = "days"
FRAMES = (DAYS, "seen", "keys", "bad")
"""Day sums of the clean rows; the parents that rows name; hashes of the keys; the rows set aside."""


class SummaryStore(Protocol):
    """Where summaries lie between runs."""

    def read_catalogue(self, catalogue: str) -> dict[str, Any]:
        """Read a catalogue; empty where there is none."""
        ...

    def read_frame(self, name: str) -> pl.DataFrame | None:
        """Read a frame; None where it is lost."""
        ...

    def has_frame(self, name: str) -> bool:
        """Say whether a frame is there."""
        ...

    def write_frame(self, frame: pl.DataFrame) -> str:
        """Write a frame and return its name."""
        ...

    def write_catalogue(self, catalogue: str, content: dict[str, Any], names: list[str]) -> None:
        """Write a catalogue that names frames."""
        ...

    def remove_catalogue(self, catalogue: str) -> None:
        """Remove a catalogue."""
        ...


class LostFrameError(Exception):
    """A stored frame is not there any more, or is not what was stored: all parts are read again."""


class Frames:
    """The frames of one part: in memory until they are stored, read again by who asks then, the short ones kept."""

    def __init__(self, made: Mapping[str, pl.DataFrame] | None = None) -> None:
        self._made = dict(made or {})
        self._names: dict[str, str] = {}
        self._store: SummaryStore | None = None

    @classmethod
    def from_store(cls, store: SummaryStore, names: Mapping[str, str]) -> Frames:
        """Frames that were stored under these names."""
        frames = cls()
        frames._store, frames._names = store, dict(names)
        return frames

    def __getitem__(self, kind: str) -> pl.DataFrame:
        """The frame of a kind."""
        if kind in self._made:
            return self._made[kind]
        frame = None if self._store is None else self._store.read_frame(self._names[kind])
        if frame is None:
            raise LostFrameError(kind)
        if kind == DAYS:
            self._made[kind] = frame
        return frame

    def store_in(self, store: SummaryStore) -> dict[str, str]:
        """Store the frames that are not there yet, and return the names of all."""
        for kind in FRAMES:
            if kind not in self._names:
                self._names[kind] = store.write_frame(self[kind])
        self._store = store
        self._made = {kind: frame for kind, frame in self._made.items() if kind == DAYS}
        return dict(self._names)


@dataclass(frozen=True)
class PartSummary:
    """One part, checked. `to_dict` keeps the keys of files that older versions wrote."""

    place: str  # the file's place below the ledger's folder
    sha256: str  # of the file's bytes
    as_of: dt.date  # the day whose knowledge it was checked by
    rows: int
    after: int  # rows dated after that day
    clean: int  # rows that break no rule
    first_on: dt.date | None  # range of the dates of all rows, bad and later ones included
    last_on: dt.date | None
    sums: tuple[int, ...]  # of the hashes of all rows
    cells: dict[str, Cells]  # by column
    with_bank: int  # clean rows that name a bank at the other end
    partners: tuple[str, ...]  # places of other parts that hold a key of this one
    frames: Frames

    def holds_as_of(self, as_of: dt.date) -> bool:
        """Say whether another day leaves the same rows out."""
        early, late = min(self.as_of, as_of), max(self.as_of, as_of)
        if early == late or self.last_on is None or self.first_on is None:
            return True
        return self.last_on <= early or self.first_on > late

    def to_dict(self, store: SummaryStore) -> dict[str, Any]:
        """Plain values; the frames go to the store."""
        return {
            "place": self.place,
            "sha256": self.sha256,
            "as_of": self.as_of.isoformat(),
            "rows": self.rows,
            "after": self.after,
            "kept": self.clean,
            "first_on": self.first_on and self.first_on.isoformat(),
            "last_on": self.last_on and self.last_on.isoformat(),
            "sums": [str(total) for total in self.sums],
            "cells": {name: list(astuple(counts)) for name, counts in self.cells.items()},
            "with_bank": self.with_bank,
            "partners": list(self.partners),
            "frames": self.frames.store_in(store),
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any], store: SummaryStore) -> PartSummary:
        """Read what `to_dict` returned."""
        return cls(
            place=plain["place"],
            sha256=plain["sha256"],
            as_of=dt.date.fromisoformat(plain["as_of"]),
            rows=plain["rows"],
            after=plain["after"],
            clean=plain["kept"],
            first_on=_day(plain["first_on"]),
            last_on=_day(plain["last_on"]),
            sums=tuple(int(total) for total in plain["sums"]),
            cells={name: Cells(*counts) for name, counts in plain["cells"].items()},
            with_bank=plain["with_bank"],
            partners=tuple(plain["partners"]),
            frames=Frames.from_store(store, plain["frames"]),
        )


def load_summaries(store: SummaryStore, table: str, terms: str) -> dict[str, PartSummary]:
    """Read the summaries of a table's parts that were made under the same terms."""
    catalogue = store.read_catalogue(table)
    if catalogue.get("terms") != terms:
        return {}
    return {
        plain["place"]: PartSummary.from_dict(plain, store)
        for plain in catalogue["parts"]
        if all(store.has_frame(name) for name in plain["frames"].values())
    }


def save_summaries(store: SummaryStore, table: str, terms: str, summaries: Iterable[PartSummary]) -> None:
    """Store the summaries of a table's parts."""
    parts = [summary.to_dict(store) for summary in summaries]
    names = [name for plain in parts for name in plain["frames"].values()]
    store.write_catalogue(table, {"terms": terms, "parts": parts}, names)


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)

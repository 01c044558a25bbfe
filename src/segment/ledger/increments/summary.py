"""What an extract learns of one part of a long table, and keeps: enough to do without reading the part again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from segment.ledger.reading import Cells

FRAMES = ("days", "seen", "keys", "bad")
"""Day sums of the rows kept; the parents that rows name; hashes of the keys judged; the rows set aside."""


class Shelf(Protocol):
    """Where summaries are kept between runs."""

    def load(self, catalogue: str) -> dict[str, Any]:
        """Read a catalogue; empty where there is none."""
        ...

    def frame(self, name: str) -> pl.DataFrame | None:
        """Read a frame; None where it is lost."""
        ...

    def holds(self, name: str) -> bool:
        """Say whether a frame is there."""
        ...

    def keep(self, frame: pl.DataFrame) -> str:
        """Keep a frame and return its name."""
        ...

    def save(self, catalogue: str, content: dict[str, Any], names: list[str]) -> None:
        """Write a catalogue that names frames."""
        ...

    def clear(self, catalogue: str) -> None:
        """Forget a catalogue."""
        ...


class LostFrameError(Exception):
    """A frame that was kept is not there any more, or is not what was kept: all parts are read again."""


class Frames:
    """The frames of one part, from memory or from the shelf when they are first asked for."""

    def __init__(self, made: Mapping[str, pl.DataFrame] | None = None) -> None:
        self._made = dict(made or {})
        self._names: dict[str, str] = {}
        self._shelf: Shelf | None = None

    @classmethod
    def on_shelf(cls, shelf: Shelf, names: Mapping[str, str]) -> Frames:
        """Frames that were kept under these names."""
        frames = cls()
        frames._shelf, frames._names = shelf, dict(names)
        return frames

    def __getitem__(self, kind: str) -> pl.DataFrame:
        """The frame of a kind.

        Raises
        ------
        LostFrameError
            Where it was kept and is lost.
        """
        if kind not in self._made:
            found = None if self._shelf is None else self._shelf.frame(self._names[kind])
            if found is None:
                raise LostFrameError(kind)
            self._made[kind] = found
        return self._made[kind]

    def kept_on(self, shelf: Shelf) -> dict[str, str]:
        """Put the frames on the shelf, where they are not there yet, and return their names."""
        for kind in FRAMES:
            if kind not in self._names:
                self._names[kind] = shelf.keep(self[kind])
        return dict(self._names)


@dataclass(frozen=True)
class PartSummary:
    """One part, judged.

    Parameters
    ----------
    place, sha256 : str
        The file's place below the ledger's folder, and the hash of its bytes.
    as_of : datetime.date
        The day whose knowledge it was judged by.
    rows, after, kept : int
        Rows read, those dated after that day, and those that break no rule.
    first_on, last_on : datetime.date or None
        Range of the dates of all rows, bad and later ones included.
    sums : tuple of int
        Of the hashes of all rows.
    cells : dict of str to Cells
        By column.
    with_bank : int
        Rows kept that name a bank at the other end.
    partners : tuple of str
        Places of other parts that hold a key of this one.
    frames : Frames
        By the names of `FRAMES`.
    """

    place: str
    sha256: str
    as_of: dt.date
    rows: int
    after: int
    kept: int
    first_on: dt.date | None
    last_on: dt.date | None
    sums: tuple[int, ...]
    cells: dict[str, Cells]
    with_bank: int
    partners: tuple[str, ...]
    frames: Frames

    def holds_as_of(self, as_of: dt.date) -> bool:
        """Say whether another day leaves the same rows out."""
        early, late = min(self.as_of, as_of), max(self.as_of, as_of)
        if early == late or self.last_on is None or self.first_on is None:
            return True
        return self.last_on <= early or self.first_on > late

    def to_dict(self, shelf: Shelf) -> dict[str, Any]:
        """Plain values, the frames put on the shelf."""
        return {
            "place": self.place,
            "sha256": self.sha256,
            "as_of": self.as_of.isoformat(),
            "rows": self.rows,
            "after": self.after,
            "kept": self.kept,
            "first_on": self.first_on and self.first_on.isoformat(),
            "last_on": self.last_on and self.last_on.isoformat(),
            "sums": [str(one) for one in self.sums],
            "cells": {name: [found.filled, found.unreadable] for name, found in self.cells.items()},
            "with_bank": self.with_bank,
            "partners": list(self.partners),
            "frames": self.frames.kept_on(shelf),
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any], shelf: Shelf) -> PartSummary:
        """Read what `to_dict` returned."""
        return cls(
            place=plain["place"],
            sha256=plain["sha256"],
            as_of=dt.date.fromisoformat(plain["as_of"]),
            rows=plain["rows"],
            after=plain["after"],
            kept=plain["kept"],
            first_on=_day(plain["first_on"]),
            last_on=_day(plain["last_on"]),
            sums=tuple(int(one) for one in plain["sums"]),
            cells={name: Cells(*counts) for name, counts in plain["cells"].items()},
            with_bank=plain["with_bank"],
            partners=tuple(plain["partners"]),
            frames=Frames.on_shelf(shelf, plain["frames"]),
        )


def load_summaries(shelf: Shelf, table: str, terms: str) -> dict[str, PartSummary]:
    """Read what was learned of a table's parts under the same terms.

    Parameters
    ----------
    shelf : Shelf
        Where it is kept.
    table : str
        Its name.
    terms : str
        Hash of all that verdicts depend on beside the ledger: the products, the code.

    Returns
    -------
    dict of str to PartSummary
        By place; none where a frame is gone.
    """
    catalogue = shelf.load(table)
    if catalogue.get("terms") != terms:
        return {}
    return {
        plain["place"]: PartSummary.from_dict(plain, shelf)
        for plain in catalogue["parts"]
        if all(shelf.holds(name) for name in plain["frames"].values())
    }


def save_summaries(shelf: Shelf, table: str, terms: str, summaries: Iterable[PartSummary]) -> None:
    """Keep what was learned of a table's parts.

    Parameters
    ----------
    shelf : Shelf
        Where to keep it.
    table : str
        Its name.
    terms : str
        As for `load_summaries`.
    summaries : iterable of PartSummary
        Of every part.
    """
    parts = [summary.to_dict(shelf) for summary in summaries]
    names = [name for plain in parts for name in plain["frames"].values()]
    shelf.save(table, {"terms": terms, "parts": parts}, names)


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)

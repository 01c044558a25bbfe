"""Names and phones beside ids, from the bank's own directory: read as a page is shown, kept in no store and no log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import polars as pl

from segment.ledger.directory import read_directory


@dataclass
class Names:
    """A directory's file; what was read of it is used until the file is another."""

    path: Path | None  # None: pages show ids
    _read: tuple[tuple[int, int], pl.DataFrame] | None = field(default=None, repr=False)
    _alone: Lock = field(default_factory=Lock, repr=False)

    def of(self, customers: Iterable[str]) -> dict[str, tuple[str | None, str | None]]:
        """Find name and phone of some customers, as far as the directory names them."""
        if self.path is None:
            return {}
        with self._alone:
            state = self.path.stat()
            stamp = (state.st_mtime_ns, state.st_size)
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, read_directory(self.path))
            rows = self._read[1]
        asked = rows.filter(pl.col("customer_id").is_in(list(customers)))
        return {row[0]: (row[1], row[2]) for row in asked.select("customer_id", "name", "phone").iter_rows()}

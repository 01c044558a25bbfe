from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from segment.warehouse.frame_store import FrameStore


def test_a_stored_frame_is_read_by_its_catalogue() -> None:
    store = FrameStore(Path(tempfile.mkdtemp()))
    name = store.write_frame(pl.DataFrame({"day": [1, 2]}))
    store.write_catalogue("transactions", {"frame": name}, [name])
    assert store.read_frame(store.read_catalogue("transactions")["frame"]).height == 2

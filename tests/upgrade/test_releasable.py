"""Cases of `releasable` computed by hand."""

from __future__ import annotations

import polars as pl

from segment.upgrade.releasable import marked


def test_marked_of_a_case_computed_by_hand() -> None:
    assert (
        marked(pl.DataFrame({"rank": [1]}), "ann", "2026-01-02T09:00:00+00:00", "L1", "a campaign")["watermark"][0]
        == "List L1, released by ann at 2026-01-02T09:00:00+00:00 for a campaign. Not to be passed on."
    )

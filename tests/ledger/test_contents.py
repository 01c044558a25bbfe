from __future__ import annotations

from segment.ledger.contents import digest_of


def test_the_hash_depends_on_the_months() -> None:
    assert digest_of({"branches": ()}, ["2025-06-30"]) != digest_of({"branches": ()}, ["2025-07-31"])

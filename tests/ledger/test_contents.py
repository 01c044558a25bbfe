from __future__ import annotations

from segment.ledger.contents import digest_of


def test_the_hash_depends_on_the_months_and_is_none_where_a_table_has_none() -> None:
    assert digest_of({"branches": ()}, ["2025-06-30"]) != digest_of({"branches": ()}, ["2025-07-31"])
    assert digest_of({"branches": None}, ["2025-06-30"]) is None

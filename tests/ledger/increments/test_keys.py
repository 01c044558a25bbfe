from __future__ import annotations

import numpy as np

from segment.ledger.increments.keys import partners, repeated, share


def test_parts_with_a_key_in_common_share() -> None:
    assert share(np.array([1, 5], np.uint64), np.array([2, 5, 9], np.uint64))


def test_partners_are_the_parts_that_share_keys() -> None:
    keys = {0: np.array([1, 2], np.uint64), 1: np.array([2], np.uint64), 2: np.array([3], np.uint64)}
    assert partners(keys, repeated(keys)) == {0: (1,), 1: (0,)}


def test_keys_are_repeated_within_a_part_and_between_parts_at_both_ends_of_their_range() -> None:
    last = 2**64 - 1
    keys = {0: np.array([0, 5, 5, last], np.uint64), 1: np.array([0, 2**63, last], np.uint64)}
    assert repeated(keys).tolist() == [0, 5, last]
    assert repeated({}).tolist() == []

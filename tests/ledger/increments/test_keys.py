from __future__ import annotations

import numpy as np

from segment.ledger.increments.keys import partners, share


def test_parts_with_a_key_in_common_share() -> None:
    assert share(np.array([1, 5], np.uint64), np.array([2, 5, 9], np.uint64))


def test_partners_are_the_parts_that_share_keys() -> None:
    assert partners({0: np.array([1, 2], np.uint64), 1: np.array([2], np.uint64), 2: np.array([3], np.uint64)}) == {
        0: (1,),
        1: (0,),
    }

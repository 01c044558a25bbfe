"""Cases of `blend` computed by hand."""

from __future__ import annotations

import numpy as np

from segment.value.ensemble import blend_weights


def test_blend_weights_of_a_case_computed_by_hand() -> None:
    truth = np.linspace(-1, 1, 50)
    assert blend_weights(np.column_stack([truth, -truth]), truth, scale=1.0).round(3).tolist() == [1.0, 0.0]

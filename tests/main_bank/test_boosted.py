"""Cases of `boosted` computed by hand."""

from __future__ import annotations

import numpy as np

from segment.main_bank.boosted import platt_scaling


def test_platt_scaling_of_a_case_computed_by_hand() -> None:
    said = np.repeat([-2.0, 2.0], 500)
    truth = np.tile(np.arange(10) < 3, 100).astype(float)
    assert platt_scaling(said, np.where(said > 0, 1 - truth, truth), np.ones(1000), 0.0).round(1).tolist()[1] == 0.4

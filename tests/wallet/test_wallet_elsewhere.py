"""What lies elsewhere is never negative and never less than links prove."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segment.wallet import covariate_shift_weights, wallet_elsewhere
from segment.wallet.wallet_elsewhere import circumstance_weights

money = st.floats(0, 1e9)


@given(wallet=money, own=money, beyond=money)
def test_links_are_a_lower_bound(wallet: float, own: float, beyond: float) -> None:
    (found,) = wallet_elsewhere([wallet], [own], [own + beyond])
    assert found >= 0
    assert found >= (own + beyond) - own - 1e-6


def test_weights_rise_with_the_probability_and_are_cut() -> None:
    weights = covariate_shift_weights(np.r_[np.full(100, 0.01), 0.5, 0.999])
    assert (np.diff(weights) >= 0).all()
    assert weights.max() == 10.0


def test_circumstance_weights_of_a_case_computed_by_hand() -> None:
    town = np.repeat([0.0, 1.0], 200)
    elsewhere = np.tile([0.1, 0.3], 200) + 0.4 * town
    assert repr(circumstance_weights(town[:, None], elsewhere)[[0, 1, 200]].round(1)) == "array([0.3, 0.3, 1.7])"

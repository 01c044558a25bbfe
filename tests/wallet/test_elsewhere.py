"""What lies elsewhere is never negative and never less than links prove."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segment.wallet import covariate_shift_weights, wallet_elsewhere

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

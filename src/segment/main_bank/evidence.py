"""What proves a bank elsewhere, and the four answers that may be given."""

# Absence of a salary alone proves nothing (a pensioner, a student, a cash worker, a sleeping account), so
# `main_elsewhere` is only ever said where money was seen going to or coming from another bank.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from segment.arrays import Flags, Floats
from segment.main_bank.scorecard import SIGNALS

STATES: Final[tuple[str, ...]] = ("main_here", "main_elsewhere", "split", "unknown")


def links(signals: Floats, thresholds: Mapping[str, float], names: Sequence[str] = SIGNALS) -> Flags:
    """Which links to another bank are proven."""
    # `signals` (n, len(SIGNALS): NaN where unknown: not proven.
    # Returns array of bool, shape (n, thresholds of these signals).
    present = [name for name in thresholds if name in names]
    values = signals[:, [names.index(name) for name in present]]
    least = np.array([thresholds[name] for name in present], dtype=np.float64)
    return np.asarray((values >= least) & (values > 0.0), dtype=np.bool_)


def states(
    signals: Floats,
    probability: Floats,
    linked: Flags,
    enough: Flags,
    *,
    elsewhere_from: float,
    here_up_to: float,
    here_salary_months_from: float,
    here_inflow_share_from: float,
) -> NDArray[np.str_]:
    """Say `main_here`, `main_elsewhere`, `split` or `unknown` for each customer."""
    # `signals` (n, len(SIGNALS).
    # `probability` (n,): That the main bank is elsewhere.
    # `linked` (n,): At least one proven link to another bank.
    # `enough` (n,): Enough signals are known, and the customer shows signs of life.
    # Returns array of str, shape (n,): `split`: a link is proven, but neither side has it all. `unknown`: nothing
    # proves either side.
    # Source: DOMAIN.md 2.3, the four states.
    income_here = (signals[:, SIGNALS.index("salary_months")] >= here_salary_months_from) | (
        signals[:, SIGNALS.index("inflow_share")] >= here_inflow_share_from
    )
    here = enough & (probability <= here_up_to) & income_here
    elsewhere = enough & (probability >= elsewhere_from) & linked
    return np.select([here, elsewhere, enough & linked], STATES[:3], default=STATES[3])

"""What one who knows every hidden trait could forecast: the judged year, lived again and again from the same state.

It reaches into the simulator's rooms, as nothing but a benchmark may.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segment.banks.simulator import bank as simulator
from segment.banks.simulator.defects import Defects
from segment.banks.simulator.draws import CustomerStream
from segment.banks.simulator.parameters import SETTINGS
from segment.banks.simulator.writer import LedgerWriter
from segment.dates import month_end
from segment.features import build_cube, measures, months_written, write_customer_months
from segment.features.derived import CLIPPED, with_derived_measures
from segment.ledger import check_ledger
from segment.policy import Policy

FIRST_SEED = 10_000


def relived(
    seed: int, customers: int, months: int, lived: int, times: int, policy: Policy, folder: Path
) -> dict[str, NDArray[np.float64]]:
    """Relive the twelve months after the first `lived` ones.

    Parameters
    ----------
    seed, customers, months : int
        Of the bank, as `simulate_bank` takes them.
    lived : int
        Months after which chance takes another way.
    times : int
        How often.
    policy : Policy
        Prices the months.
    folder : Path
        Where to work.

    Returns
    -------
    dict of str to array of shape (times,)
        Contribution of the twelve months by customer; 0 for those who are gone.
    """
    years: dict[str, list[float]] = {}
    for number in range(times):
        out = folder / f"relived{seed}"
        _live(out, seed, customers, months, lived, FIRST_SEED + number)
        for customer, amount in _year(out, folder / f"months{seed}", lived, policy).items():
            years.setdefault(customer, [0.0] * times)[number] = amount
    return {customer: np.array(amounts) for customer, amounts in years.items()}


def _live(out: Path, seed: int, customers: int, months: int, lived: int, other: int) -> None:
    bank = simulator.draw_bank(customers, months, seed, SETTINGS["base"], simulator.DEFAULT_END)
    # no defect in the records: they would draw from the bank's own chance
    spoiler = Defects((), bank.rng["defects"])
    with LedgerWriter(out) as writer:
        for month in bank.months:
            if month.index == lived:
                bank.rng.update({topic: CustomerStream(other, place) for place, topic in enumerate(bank.rng)})
                bank.general = np.random.default_rng(other)
            bank.begin(month)
            simulator.live_a_month(bank)
            simulator._write_month(bank, writer, spoiler)
        simulator._write_tables(bank, writer, spoiler)


def _year(out: Path, folder: Path, lived: int, policy: Policy) -> dict[str, float]:
    ledger = check_ledger(out / "ledger", tuple(policy.products), policy.ledger.tolerated_bad_row_share)
    last = ledger.tables["balances"]["month"].sort()[-1]
    write_customer_months(ledger.tables, policy, month_end(last), folder)
    months = months_written(folder, month_end(last))
    raw = build_cube(folder, 0, 1, months, (*measures(policy), CLIPPED))
    cube = with_derived_measures(raw, policy)
    amounts = np.nansum(cube["contribution"][:, lived : lived + 12], axis=1)
    return dict(zip(cube.customer_ids.tolist(), amounts.tolist(), strict=True))

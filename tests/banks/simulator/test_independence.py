"""What happens to one customer changes nobody else, but for the household."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import segment.banks.simulator.bank as simulation
from segment.banks.simulator import simulate_bank
from segment.banks.simulator.departures import LEAVES
from segment.banks.simulator.state import Bank
from tests.banks.simulator.conftest import SimulatedBank

CUSTOMERS, MONTHS, SEED, MONTH = 400, 14, 4, 5
NUMBERED = {"transactions": "transaction_id", "service_events": "event_id"}
"""Rows are numbered in the order of booking: a number is nobody's trait."""


def _leaves(bank: Bank, who: int) -> None:
    bank.relation.goal[who], bank.relation.decided[who] = LEAVES, bank.month.index
    bank.relation.departs[who] = bank.month.index


def _comes_every_day(bank: Bank, who: int) -> None:
    bank.people.heaviness[who] = 1_000.0


def _loses_the_job(bank: Bank, who: int) -> None:
    bank.people.workless_until[who] = bank.month.last + 200


@pytest.mark.parametrize("act", [_leaves, _comes_every_day, _loses_the_job])
def test_an_act_changes_its_customer_and_the_household_alone(
    act: Callable[[Bank, int], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate_bank(tmp_path / "plain", CUSTOMERS, MONTHS, SEED)
    live, changed = simulation.live, []

    def live_and_act(bank: Bank) -> None:
        live(bank)
        if bank.month.index == MONTH:
            able = bank.acts & (bank.ties.state == 0) & (bank.accounts.joint < 0) & (bank.people.occupation == 0)
            changed.append(int(able.nonzero()[0][7]))
            act(bank, changed[0])

    monkeypatch.setattr(simulation, "live", live_and_act)
    simulate_bank(tmp_path / "acted", CUSTOMERS, MONTHS, SEED)
    banks = [SimulatedBank(tmp_path / name, None) for name in ("plain", "acted")]  # type: ignore[arg-type]
    customers = banks[0].table("customers")
    home = customers.filter(pl.col("customer_id") == f"C{changed[0] + 1:07}")["household_id"]
    family = customers.filter(pl.col("household_id") == home[0])["customer_id"].to_list()
    assert len(family) < 5
    for name in ("transactions", "balances", "accounts", "holdings", "service_events", "contact_rules", "customers"):
        plain, acted = (_of_others(bank, name, family) for bank in banks)
        assert plain.height > 0
        assert plain.equals(acted), name
    assert not banks[0].table("transactions").equals(banks[1].table("transactions"))
    labels = [_of_others(bank, "main_bank_labels", family) for bank in banks]
    assert labels[0].equals(labels[1])
    truth = [bank.truth().filter(~pl.col("customer_id").is_in(family)) for bank in banks]
    assert truth[0].equals(truth[1])


def _of_others(bank: SimulatedBank, name: str, family: list[str]) -> pl.DataFrame:
    """Rows of a table that belong to nobody of a family, without their numbers."""
    table, theirs = bank.table(name), pl.col("customer_id").is_in(family)
    if "account_id" in table.columns:
        own = bank.table("holdings").filter(theirs)["account_id"].unique().to_list()
        theirs = pl.col("account_id").is_in(own)
    rest = table.filter(~theirs)
    return rest.drop(NUMBERED.get(name, [])).sort(pl.all())

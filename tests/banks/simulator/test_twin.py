"""The intervention twin: the same bank, the same dice, and the true effect of what is done."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segment.banks.simulator import simulate_bank
from segment.banks.simulator.act_chances import offer_chance
from segment.banks.simulator.act_outcomes import OUTCOMES
from segment.banks.simulator.bank import live_a_month
from segment.banks.simulator.parameters import ELSEWHERE, MAIN_HERE, SETTINGS
from segment.banks.simulator.twin import TrueEffects, Twin
from tests.banks.simulator.conftest import SimulatedBank

CUSTOMERS, MONTHS, RUN_ON, SEED = 400, 6, 6, 5
FIRST_DAY = dt.date(2026, 1, 1)


@pytest.fixture(scope="module")
def twin() -> Twin:
    return Twin.of(CUSTOMERS, MONTHS, SEED, run_on=RUN_ON)


@pytest.fixture(scope="module")
def effects(twin: Twin) -> TrueEffects:
    return TrueEffects(twin, RUN_ON, 0.08)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> SimulatedBank:
    out = tmp_path_factory.mktemp("plain")
    return SimulatedBank(out, simulate_bank(out, CUSTOMERS, MONTHS, SEED, run_on=RUN_ON))


def acts_on(customers: np.ndarray | list[int], kind: str, what: str, **more: object) -> pl.DataFrame:
    ids = [f"C{number + 1:07}" for number in customers]
    frame = pl.DataFrame({"customer_id": ids, "acted_on": FIRST_DAY, "kind": kind, "what": what})
    return frame.with_columns(pl.lit(value).alias(name) for name, value in more.items())


def test_a_bank_that_lives_on_is_the_same_bank_up_to_there(plain: SimulatedBank, tmp_path: Path) -> None:
    simulate_bank(tmp_path, CUSTOMERS, MONTHS, SEED)
    short = SimulatedBank(tmp_path, plain.summary)
    days = {"transactions": "booked_on", "balances": "month", "service_events": "occurred_on", "ledger_totals": "month"}
    for name, day in days.items():
        early = plain.table(name).filter(pl.col(day) < FIRST_DAY)
        assert early.height > 0
        assert short.table(name).equals(early), name
    assert short.truth("truth_contribution").equals(
        plain.truth("truth_contribution").filter(pl.col("month") < FIRST_DAY)
    )
    assert plain.table("customers")["joined_on"].max() < FIRST_DAY


def test_the_twin_in_memory_is_the_bank_in_the_files(plain: SimulatedBank, twin: Twin) -> None:
    brought = plain.truth("truth_contribution").filter(pl.col("month") >= FIRST_DAY)
    by_month = brought.group_by("month").agg(pl.col("contribution").sum()).sort("month")["contribution"]
    assert twin.run().sum(axis=1) == pytest.approx(by_month.to_numpy(), abs=0.01 * CUSTOMERS)


def test_what_customers_bring_adds_up_to_the_books_of_the_outlets(plain: SimulatedBank) -> None:
    totals = plain.table("ledger_totals").with_columns(
        own=pl.col("amount")
        / pl.col("line").replace_strict({"fees": 1.002, "cost_to_serve": 1.005}, default=1.0, return_dtype=pl.Float64),
        sign=pl.when(pl.col("line").is_in(["net_interest", "fees"])).then(1.0).otherwise(-1.0),
    )
    by_month = totals.group_by("month").agg((pl.col("own") * pl.col("sign")).sum()).sort("month")["own"]
    brought = plain.truth("truth_contribution").group_by("month").agg(pl.col("contribution").sum()).sort("month")
    assert brought["contribution"].to_numpy() == pytest.approx(by_month.to_numpy(), abs=5.0)


@pytest.mark.parametrize(
    ("kind", "what", "more"),
    [
        ("offer", "main_account", {"channel": "adviser"}),
        ("service", "personal", {"amount": 24.0}),
        ("fee", "counter_transfer", {"amount": 30.0}),
    ],
)
def test_an_act_changes_nobody_but_the_household(
    kind: str, what: str, more: dict[str, object], plain: SimulatedBank, twin: Twin, tmp_path: Path
) -> None:
    bank = twin.as_of_today()
    # two of many: one is not enough, because an offer need not take
    able = np.flatnonzero((bank.ties.state == ELSEWHERE) & (bank.accounts.joint < 0) & bank.acts)[:40]
    simulate_bank(tmp_path, CUSTOMERS, MONTHS, SEED, run_on=RUN_ON, acts=acts_on(able, kind, what, **more), effect=2.0)
    acted = SimulatedBank(tmp_path, plain.summary)
    homes = plain.table("customers")
    theirs = homes.filter(pl.col("customer_id").is_in([f"C{number + 1:07}" for number in able]))["household_id"]
    family = homes.filter(pl.col("household_id").is_in(theirs.implode()))["customer_id"]
    family = pl.concat([family, pl.Series([f"C{bank.people.betrothed[at] + 1:07}" for at in able])]).to_list()
    for name in ("transactions", "balances", "accounts", "service_events", "customers"):
        assert _of_others(plain, name, family).equals(_of_others(acted, name, family)), name
    assert not plain.truth("truth_contribution").equals(acted.truth("truth_contribution"))


def _of_others(bank: SimulatedBank, name: str, family: list[str]) -> pl.DataFrame:
    table, theirs = bank.table(name), pl.col("customer_id").is_in(family)
    if "account_id" in table.columns:
        own = bank.table("holdings").filter(theirs)["account_id"].unique().to_list()
        theirs = pl.col("account_id").is_in(own)
    number = [column for column in ("transaction_id", "event_id") if column in table.columns]
    return table.filter(~theirs).drop(number).sort(pl.all())


def test_an_act_leaves_what_was_before_it_as_it_was(twin: Twin) -> None:
    acts = acts_on([*range(CUSTOMERS)], "fee", "x", amount=20.0).with_columns(acted_on=dt.date(2026, 4, 20))
    change = twin.run(acts) - twin.run()
    assert not change[:3].any()
    assert change[3:].any()


def test_an_outcome_is_worth_something_to_those_to_whom_it_can_happen(effects: TrueEffects) -> None:
    bank = effects.twin.as_of_today()
    worth = effects.value_if("main_account_here")
    elsewhere = bank.ties.state == ELSEWHERE
    assert worth[elsewhere].sum() > 0
    assert effects.chance("main_account_here", "adviser")[~elsewhere].max() == 0
    assert (effects.chance("main_account_here", "adviser")[bank.traits.put_off] <= 0).all()
    assert effects.value_if("goes").sum() < 0
    assert effects.value_if("moves_away")[bank.ties.state == MAIN_HERE].sum() < 0
    assert set(OUTCOMES) == {"main_account_here", "grows", "stays", "cheaper_ways", "goes", "moves_away"}


@pytest.mark.parametrize(("kind", "what"), [("service", "personal"), ("service", "self_service"), ("fee", "paper")])
def test_what_the_dice_bring_is_chance_times_value(kind: str, what: str, effects: TrueEffects) -> None:
    twin = effects.twin
    who = np.flatnonzero(twin.as_of_today().acts)
    amount = np.zeros(CUSTOMERS)
    amount[who] = 12.0
    foretold = effects.fee(amount) if kind == "fee" else effects.service(what, amount)
    weight = 1.08 ** -(np.arange(1, RUN_ON + 1) / 12)
    brought = weight @ (twin.run(acts_on(who, kind, what, amount=12.0)) - twin.run())
    assert abs(brought[who].sum() - foretold[who].sum()) < 4 * np.sqrt(len(who)) * brought[who].std()


def test_half_and_double_effect_are_half_and_twice_the_chance(twin: Twin) -> None:
    bank = twin.as_of_today()
    one = offer_chance(bank, "main_account_here", "phone")
    for effect in (0.5, 2.0):
        bank.effect = effect
        assert offer_chance(bank, "main_account_here", "phone") == pytest.approx(effect * one)


def test_as_many_move_as_the_chances_say() -> None:
    twin = Twin.of(3_000, 2, 8, run_on=1, effect=2.0)
    bank = twin.as_of_today()
    able = bank.acts & (bank.ties.state == ELSEWHERE) & ~bank.traits.put_off & ~bank.relation.mortgage_only
    able &= (bank.relation.goal < 0) & (bank.relation.progress(bank.month.index) >= 1.0)
    who = np.flatnonzero(able)
    chance = offer_chance(bank, "main_account_here", "adviser")[who]
    lived = Twin.of(3_000, 2, 8, run_on=1, effect=2.0)
    lived.bank.interventions = lived.acts(acts_on(who, "offer", "main_account_here", channel="adviser"))
    lived.bank.begin(lived.bank.months[2])
    live_a_month(lived.bank)
    moved = int((lived.bank.relation.now.state[who] == 0).sum())
    spread = np.sqrt((chance * (1 - chance)).sum())
    assert abs(moved - chance.sum()) < 3.5 * spread
    assert moved > 20


def test_the_truth_of_offers_is_that_of_the_page() -> None:
    """logit(-3.5 + .8 wallet's tenth - 1.0 tenure elsewhere + .9 for a relationship manager), DOMAIN.md 6.3."""
    p = SETTINGS["base"].acts
    assert (p.moves_intercept, p.wallet_weight, p.tenure_weight, p.push["adviser"]) == (-3.5, 0.8, -1.0, 0.9)
    assert (p.untreated, p.sleeping_dogs) == (0.005, 0.10)
    assert replace(p) == SETTINGS["cn"].acts

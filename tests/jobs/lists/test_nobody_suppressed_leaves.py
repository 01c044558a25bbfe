"""Ten thousand random rule sets: no file that is written holds a customer whom a rule keeps out.

A rule set is what is known of a handful of customers: contact rules, outcomes, refusals, objections, age, staff. A
hundred sets share a list, a policy and a file; each file is read back and held to an oracle that goes through the
rules customer by customer in plain Python and shares no code with the package.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import polars as pl
import pytest

import segment.warehouse.controlled_export as export_module
from segment.jobs.lists.release import release
from segment.policy import Policy
from segment.store.row_store import upsert_rows
from segment.store.stored_tables import OBJECTIONS, OUTCOMES
from segment.workspace import Workspace
from tests.jobs.lists.made_lists import bank, listed, retail

FILES, SETS_IN_A_FILE, CUSTOMERS_IN_A_SET = 100, 100, 6
CHANNELS = ("adviser", "phone", "mobile")
BUNDLES = ("salary_account", "card")
RULES = (
    "no_consent",
    "opt_out",
    "complaint",
    "vulnerable",
    "deceased",
    "litigation",
    "basic_account",
    "fee_exempt",
    "recently_contacted",
    "do_not_call",
    "aml_hold",
    "hardship",
    "fraud_victim",
    "profiling_objection",
)
RESPONSES = ("moved", "interested", "declined", "no_answer", "not_contacted")


@dataclass
class Known:
    """What is known of one customer."""

    channel: str
    bundle: str
    arm: str
    born: dt.date | None
    staff: bool | None
    left_on: dt.date | None
    in_ledger: bool
    rules: list[tuple[str, str | None, dt.date, dt.date | None]] = field(default_factory=list)
    outcomes: list[tuple[str, dt.date | None, str, dt.date | None]] = field(default_factory=list)
    handed_in: list[tuple[str, dt.date | None, str, dt.date | None, bool]] = field(default_factory=list)
    objections: list[tuple[str, dt.date, dt.date | None]] = field(default_factory=list)


def drawn(rng: np.random.Generator, on: dt.date, lists: dict[str, dict[str, tuple[str, str]]], name: str) -> Known:
    def around(least: int, most: int, none: float = 0.0) -> dt.date | None:
        return None if rng.random() < none else on + dt.timedelta(days=int(rng.integers(least, most)))

    def one_of(options: Any) -> Any:
        return options[int(rng.integers(len(options)))]

    adult = on.replace(year=on.year - 18) if (on.month, on.day) != (2, 29) else dt.date(on.year - 18, 3, 1)
    born = adult + dt.timedelta(days=int(rng.integers(-40, 40))) if rng.random() < 0.15 else dt.date(1970, 1, 1)
    made = Known(
        channel=one_of(CHANNELS),
        bundle=one_of(BUNDLES),
        arm="control" if rng.random() < 0.1 else "contact",
        born=None if rng.random() < 0.03 else born,
        staff=one_of([True, None]) if rng.random() < 0.05 else False,
        left_on=around(-30, 60) if rng.random() < 0.05 else None,
        in_ledger=rng.random() > 0.01,
    )
    for _ in range(rng.poisson(0.35)):
        first: dt.date = around(-300, 45)  # type: ignore[assignment]
        last = None if rng.random() < 0.3 else first + dt.timedelta(days=int(rng.integers(0, 250)))
        made.rules.append((one_of(RULES), one_of([None, None, *CHANNELS]), first, last))
    for list_id in ("spring", "summer", "autumn"):
        for where, odds in ((made.outcomes, 0.15), (made.handed_in, 0.12)):
            if rng.random() >= odds:
                continue
            response = one_of(RESPONSES)
            contacted = None if response == "not_contacted" else around(-220, 0)
            answered = (
                contacted + dt.timedelta(days=int(rng.integers(0, 9))) if contacted and rng.random() < 0.5 else None
            )
            told = (list_id, contacted, response, answered)
            where.append(told if where is made.outcomes else (*told, bool(rng.random() < 0.1)))  # type: ignore[arg-type]
            if list_id != "autumn":  # of which no copy was kept
                lists[list_id].setdefault(name, (one_of(CHANNELS), one_of(BUNDLES)))
    if rng.random() < 0.05:
        made.objections.append((one_of(["profiling", "marketing"]), on, around(-5, 5, none=0.6)))
    return made


# --- the oracle: one customer, one rule after the other ------------------------------------------------------------


def must_not_be_contacted(
    one: Known, name: str, policy: Policy, lists: dict[str, dict[str, tuple[str, str]]], on: dt.date, expires: dt.date
) -> bool:
    if not one.in_ledger or one.arm != "contact" or one.staff is True:
        return True
    if one.left_on is not None and one.left_on <= expires:
        return True
    if too_young(one, policy, on) or any(rule_holds(rule, one.channel, policy, on, expires) for rule in one.rules):
        return True
    if any(until is None or until > on for _, _, until in one.objections):
        return True
    return refused(one, policy, on) or contacted_too_often(one, name, policy, lists, on)


def too_young(one: Known, policy: Policy, on: dt.date) -> bool:
    if one.born is None:
        return policy.upgrade.contact_rules.missing_birth_date_keeps_out
    years = on.year - one.born.year
    if (on.month, on.day) < (one.born.month, one.born.day):
        years -= 1
    return years < policy.upgrade.minor_below_years


def rule_holds(
    rule: tuple[str, str | None, dt.date, dt.date | None], channel: str, policy: Policy, on: dt.date, expires: dt.date
) -> bool:
    code, closed, first, last = rule
    if first > expires:
        return False
    if code == "deceased":
        return True
    if code not in policy.upgrade.keeps_out:
        return False
    rest = 0
    if code == "complaint":
        rest = policy.upgrade.complaint_rest_days
    if code == "fraud_victim":
        rest = policy.upgrade.contact_rules.fraud_rest_days
    if last is not None and last + dt.timedelta(days=rest) < on:
        return False
    if closed is None and code == "do_not_call":
        return channel == "phone"
    return closed is None or closed == channel


def refused(one: Known, policy: Policy, on: dt.date) -> bool:
    rest = dt.timedelta(days=policy.upgrade.refusal_rest_days)
    for _, contacted, response, answered in one.outcomes:
        said = answered or contacted
        if response == "declined" and (said is None or said <= on < said + rest):
            return True
    for _, contacted, response, answered, never in one.handed_in:
        said = answered or contacted
        if never or (response == "declined" and (said is None or on < said + rest)):
            return True
    return False


def contacted_too_often(
    one: Known, name: str, policy: Policy, lists: dict[str, dict[str, tuple[str, str]]], on: dt.date
) -> bool:
    caps = policy.upgrade.contact_rules
    told = [outcome[:3] for outcome in one.outcomes] + [outcome[:3] for outcome in one.handed_in]
    contacts = {(list_id, day) for list_id, day, response in told if response != "not_contacted" and day is not None}
    contacts = {(list_id, day) for list_id, day in contacts if day <= on}
    ages = [(on - day).days for _, day in contacts]
    if any(age < policy.upgrade.contact_rest_days for age in ages):
        return True
    if sum(age < caps.contact_days for age in ages) >= caps.most_contacts:
        return True
    calls = 0
    for list_id, day in contacts:
        channel, bundle = lists.get(list_id, {}).get(name, (None, None))
        age = (on - day).days
        if bundle == one.bundle and age < caps.same_bundle_rest_days:
            return True
        calls += channel in (None, "phone") and age < caps.call_days
    return one.channel == "phone" and calls >= caps.most_calls


# --- a file of a hundred rule sets --------------------------------------------------------------------------------


def random_policy(rng: np.random.Generator) -> Policy:
    return retail(
        keeps_out=tuple(rule for rule in RULES if rng.random() < 0.8) or ("opt_out",),
        complaint_rest_days=int(rng.integers(0, 120)),
        refusal_rest_days=int(rng.integers(0, 200)),
        contact_rest_days=int(rng.integers(0, 30)),
        most_calls=int(rng.integers(1, 3)),
        call_days=int(rng.integers(1, 60)),
        most_contacts=int(rng.integers(1, 5)),
        contact_days=int(rng.integers(1, 150)),
        same_bundle_rest_days=int(rng.integers(0, 200)),
        fraud_rest_days=int(rng.integers(0, 120)),
        missing_birth_date_keeps_out=bool(rng.random() < 0.5),
        most_rows_a_day=None,
    )


def settled(
    root: Path, known: dict[str, Known], lists: dict[str, dict[str, tuple[str, str]]], on: dt.date
) -> Workspace:
    workspace = bank(
        root,
        rules=[(name, *rule) for name, one in known.items() for rule in _in_order(one)],
        outcomes=[(told[0], name, *told[1:]) for name, one in known.items() for told in one.outcomes],
        customers=[(name, one.born, one.staff, one.left_on) for name, one in known.items() if one.in_ledger],
        sources=[("deaths", on)],
    )
    handed_in = [(told[0], name, *told[1:], None) for name, one in known.items() for told in one.handed_in]
    upsert_rows(workspace, OUTCOMES, pl.DataFrame(handed_in, schema=OUTCOMES.schema, orient="row"))
    objections = [(name, *told) for name, one in known.items() for told in one.objections]
    upsert_rows(workspace, OBJECTIONS, pl.DataFrame(objections, schema=OBJECTIONS.schema, orient="row"))
    for list_id, rows in lists.items():
        offered = [
            {"customer_id": name, "channel": channel, "bundle": bundle} for name, (channel, bundle) in rows.items()
        ]
        listed(workspace, offered, list_id)
    return workspace


def _in_order(one: Known) -> list[tuple[object, ...]]:
    return [(code, channel, first, last) for code, channel, first, last in one.rules]


def customers_of(path: Path) -> set[str]:
    if path.suffix == ".csv":
        return set(pl.read_csv(path)["customer_id"])
    if path.suffix == ".parquet":
        return set(pl.read_parquet(path)["customer_id"])
    return {str(cell.value) for cell in openpyxl.load_workbook(path)["upgrade list"]["C"][1:]}


@pytest.mark.slow
def test_ten_thousand_rule_sets_let_no_suppressed_row_into_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Callable[[dt.date], None]
) -> None:
    """DOMAIN.md 3.2: suppression is asked again at export time, and fails closed."""
    handed: list[set[str]] = []
    write = export_module.write_export

    def watched(frame: pl.DataFrame, *rest: Any, **options: Any) -> None:
        handed.append(set(frame["customer_id"]))
        write(frame, *rest, **options)

    monkeypatch.setattr(export_module, "write_export", watched)
    rng, reached, kept_out = np.random.default_rng(20260105), 0, 0
    for number in range(FILES):
        on = dt.date(2024, 1, 1) + dt.timedelta(days=int(rng.integers(0, 900)))
        policy, expires = random_policy(rng), on + dt.timedelta(days=int(rng.integers(0, 46)))
        lists: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        names = [f"s{chosen}-{one}" for chosen in range(SETS_IN_A_FILE) for one in range(CUSTOMERS_IN_A_SET)]
        known = {name: drawn(rng, on, lists, name) for name in names}
        workspace = settled(tmp_path / f"w{number}", known, lists, on)
        rows = listed(
            workspace,
            [
                {
                    "customer_id": name,
                    "channel": one.channel,
                    "bundle": one.bundle,
                    "arm": one.arm,
                    "expires_on": expires,
                }
                for name, one in known.items()
            ],
            "now",
        )
        path = tmp_path / f"list{number}{('.csv', '.parquet', '.csv', '.xlsx')[number % 4]}"
        clock(on)
        made = release(rows, path, list_id="now", workspace=workspace, policy=policy, list_on=on, as_of=on)
        free = {name for name, one in known.items() if not must_not_be_contacted(one, name, policy, lists, on, expires)}
        assert handed[-1] == free == customers_of(path)
        assert made.rows + sum(made.withdrawn.values()) == rows.height
        reached, kept_out = reached + len(free), kept_out + len(known) - len(free)
    assert len(handed) * SETS_IN_A_FILE == 10_000
    assert min(reached, kept_out) > 10_000  # neither answer is the trivial one

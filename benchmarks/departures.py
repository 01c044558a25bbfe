"""How many departures of high-value and valuable customers are warned in time, on banks with known truth.

    python benchmarks/departures.py FOLDER --seeds 941 942 943 [--customers 6000]

Each bank is simulated once under FOLDER, learns from its own books as of a year before its end, and is then scored at
each month's end. A departure is dated on the month in which the relation ends, or the move of the main bank is
complete, in the truth; it counts as warned where the customer is over the line at the month's end two months before.
The line is drawn at each month's end anew, so that 5% of the high-value and valuable customers who stay are over it.
Beside the forecast: the field's simple rule (`warning_rule`), and the bound of one who is told the true rates: who has
made up their mind, whose move has begun, and everybody's true inclination, but not the dice.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.banks.simulator import simulate_bank
from segment.banks.simulator.parameters import RelationParameters
from segment.dates import month_end, months_between, next_month
from segment.departures import DepartureForecast, employer_alarms, pay_groups, read_landmarks
from segment.departures.departure_forecast import either
from segment.departures.employer_alarm import count_payers
from segment.departures.ledger_departures import departures_of, died_on
from segment.departures.signs import signs_of
from segment.departures.warning_metrics import calibration_by_tenth, share_with_interval, warned
from segment.departures.warning_rule import warning_points
from segment.features import build_cube, measures, months_written, snapshot, write_customer_months
from segment.features.derived import CLIPPED, with_derived_measures
from segment.ledger import check_ledger
from segment.policy import Policy, load_policy
from segment.tiers import learn_references, with_blended, with_borders, with_own_tier
from segment.tiers.in_arrears import with_arrears

ROOT = Path(__file__).parents[1]
MONTHS = 44
YEAR = 12
LEAD = 2
LONGEST_SIGNS = 10
STATES = ("main_here", "split", "elsewhere", "dormant")


@dataclass(frozen=True)
class Case:
    """One departure, and who had warned of it two months before."""

    moved: bool  # the main bank moved; else the relation ended
    sign: bool  # the customer showed signs, or a move had begun
    model: bool
    rule: bool
    bound: bool
    lead: int  # months before the departure at which the forecast first warned without a break; 0: never


def build(folder: Path, seed: int, customers: int, policy: Policy) -> dict[str, pl.DataFrame]:
    """Simulate a bank and build its customer months, once."""
    if not (folder / "truth.parquet").exists():
        simulate_bank(folder, customers, MONTHS, seed)
    tables = check_ledger(folder / "ledger", tuple(policy.products), policy.ledger.tolerated_bad_row_share).tables
    write_customer_months(tables, policy, last_day(tables), folder / "months")
    return dict(tables)


def last_day(tables: dict[str, pl.DataFrame]) -> dt.date:
    """Last day of the last month with balances."""
    return month_end(tables["balances"]["month"].sort()[-1])


def brings_much(frame: pl.DataFrame, policy: Policy) -> NDArray[np.bool_]:
    """High-value and valuable customers by the accounting of the year that has passed."""
    past = pl.col("contribution_12m")
    taken = frame.with_columns(
        future_value_12m=past, future_value_p10=past, future_value_p50=past, future_value_p90=past
    )
    blended = with_blended(with_arrears(taken), policy.tiers)
    tiered = with_own_tier(with_borders(blended, learn_references(blended, policy.tiers), policy))
    return tiered["own_tier"].is_in(["high_value", "valuable"]).fill_null(False).to_numpy()


class Truth:
    """What was really so."""

    def __init__(self, folder: Path, first: dt.date) -> None:
        self.months = pl.read_parquet(folder / "truth.parquet")
        events = pl.read_parquet(folder / "truth_events.parquet")
        place = pl.struct("month").map_elements(lambda row: months_between(first, row["month"]), return_dtype=pl.Int64)
        self.events = events.with_columns(place=place)
        self.customers = pl.read_parquet(folder / "ledger" / "customers.parquet")
        self.first = first

    def of(self, *names: str) -> list[tuple[str, int]]:
        """Customers and months of some events."""
        return self.events.filter(pl.col("event").is_in(names)).select("customer_id", "place").rows()

    def departures(self, from_place: int) -> dict[str, tuple[int, bool]]:
        """Month of each departure from one month on, and whether it is a move of the main bank."""
        done = self.months.filter(pl.col("switch_progress") >= 1.0)
        complete: dict[str, list[int]] = {}
        for customer, month in done.select("customer_id", "month").sort("month").iter_rows():
            complete.setdefault(customer, []).append(months_between(self.first, month))
        found = {customer: (place, False) for customer, place in self.of("left") if place >= from_place}
        for customer, begun in self.of("to_elsewhere"):
            place = next((month for month in complete.get(customer, []) if month >= begun), None)
            if place is not None and place >= from_place and place < found.get(customer, (MONTHS, False))[0]:
                found[customer] = (place, True)
        return found

    def never_stays(self, from_place: int) -> set[str]:
        """Who departs, or dies, or did a year before, or is on the way."""
        events = self.of("left", "to_elsewhere", "death")
        return {customer for customer, place in events if place >= from_place - YEAR}

    def rates(self, ids: list[str], place: int) -> NDArray[np.float64]:
        """Chance to depart soon for one who knows states, minds made up and moves begun, but not the dice."""
        p = RelationParameters()
        day = next_month(self.first, place)
        now = self.months.filter(pl.col("month") == day)
        leave, away = (dict(zip(STATES, rates, strict=True)) for rates in (p.leave_annual, p.away_annual))
        people = self.customers.select(
            "customer_id",
            young=(pl.lit(day) - pl.col("birth_date")).dt.total_days() / 365.25 < 25,
            old=(pl.lit(day) - pl.col("birth_date")).dt.total_days() / 365.25 >= 65,
            first_year=(pl.lit(day) - pl.col("joined_on")).dt.total_days() < 365,
        )
        both = pl.col("state").replace_strict(leave) + pl.col("state").replace_strict(away)
        factor = (
            pl.when("first_year").then(p.first_year_leaves).otherwise(1.0)
            * pl.when("young").then(1.5).when("old").then(0.4).otherwise(1.0)
            * pl.when(pl.col("income_month") * 12 > p.well_off_from).then(1.5).otherwise(1.0)
        )
        moving = (pl.col("switch_progress") < 1.0) & pl.col("main_bank_elsewhere")
        known = now.join(people, on="customer_id").select(
            "customer_id", rate=pl.when(moving).then(1.0).otherwise(both * factor / p.mean_inclination)
        )
        rate = dict(known.iter_rows())
        for customer in self.minds_made_up(place):
            rate[customer] = 1.0
        return np.array([rate.get(customer, 0.0) for customer in ids])

    def minds_made_up(self, place: int) -> set[str]:
        """Who shows signs in a month."""
        went: dict[str, list[int]] = {}
        for customer, month in self.of("left", "to_elsewhere"):
            went.setdefault(customer, []).append(month)
        begun = [pair for pair in self.of("signs_begin") if pair[1] <= place]
        return {who for who, month in begun if not any(month <= after <= place for after in went.get(who, []))}


def evaluate(folder: Path, seed: int, customers: int, policy: Policy) -> tuple[list[Case], list[tuple[float, float]]]:
    """Learn as of a year before the end, and judge the year: each departure, and the chances of the first date."""
    tables = build(folder, seed, customers, policy)
    last = last_day(tables)
    months = months_written(folder / "months", last)
    as_of = month_end(months[-1 - YEAR])
    start = time.perf_counter()
    forecast = DepartureForecast().fit(read_landmarks(tables, folder / "months", policy, as_of))
    print(f"seed {seed}: learned in {time.perf_counter() - start:.0f} s", flush=True)
    truth = Truth(folder, months[0])
    places = range(len(months) - 1 - YEAR, len(months) - LEAD)
    staying_not, gone = truth.never_stays(places[0]), truth.departures(places[0] + 1)
    over: list[dict[str, tuple[bool, bool, bool]]] = []
    chances: dict[str, float] = {}
    for place in places:
        frame = snapshot(tables, folder / "months", policy, [month_end(months[place])])[month_end(months[place])]
        ids, much, signs = frame["customer_id"].to_list(), brings_much(frame, policy), signs_of(frame)
        stays = np.array([customer not in staying_not for customer in ids])
        leaving, moving = forecast.chances(signs)
        scores = (either(leaving, moving)[:, 1], warning_points(signs), truth.rates(ids, place))
        lines = [warned(score[much], stays[much]) for score in scores]
        brings = [customer for customer, is_much in zip(ids, much, strict=True) if is_much]
        over.append(dict(zip(brings, zip(*(line.tolist() for line in lines), strict=True), strict=True)))
        if place == places[0]:
            chances = dict(zip(ids, either(leaving, moving)[:, 2].tolist(), strict=True))
    calibration = ledger_outcomes(tables, folder, policy, places[0], chances)
    signs_shown: dict[str, list[int]] = {}
    for customer, month in truth.of("signs_begin", "to_elsewhere"):
        signs_shown.setdefault(customer, []).append(month)
    return [
        _case(customer, place, moved, over, places[0], signs_shown.get(customer, []))
        for customer, (place, moved) in gone.items()
        if place - LEAD >= places[0] and customer in over[place - LEAD - places[0]]
    ], calibration


def ledger_outcomes(
    tables: dict[str, pl.DataFrame], folder: Path, policy: Policy, place: int, chances: dict[str, float]
) -> list[tuple[float, float]]:
    """Chances within a year as of one month, and whether the books then showed a departure."""
    months = months_written(folder / "months", last_day(tables))
    raw = build_cube(folder / "months", 0, 1, months, (*measures(policy), CLIPPED))
    people = {row["customer_id"]: row for row in tables["customers"].iter_rows(named=True)}
    died = died_on(tables["contact_rules"])
    ids = raw.customer_ids.tolist()
    shown = departures_of(
        with_derived_measures(raw, policy), [people[who]["left_on"] for who in ids], [died.get(who) for who in ids]
    )
    went = {who: min(left, moved) for who, left, moved in zip(ids, shown.left, shown.moved, strict=True)}
    return [(chance, float(place < went[who] <= place + YEAR)) for who, chance in chances.items() if who in went]


def _case(
    customer: str, place: int, moved: bool, over: list[dict[str, tuple[bool, bool, bool]]], first: int, signs: list[int]
) -> Case:
    at = place - LEAD - first
    model, rule, bound = over[at][customer]
    lead = 0
    while at - lead >= 0 and over[at - lead].get(customer, (False,))[0]:
        lead += 1
    shown = any(place - LONGEST_SIGNS <= month <= place - LEAD for month in signs)
    return Case(moved, shown, model, rule, bound, lead + LEAD - 1 if lead else 0)


def report(cases: list[Case]) -> None:
    """Print the shares with their intervals."""
    parts = {
        "all": cases,
        "relation ended": [case for case in cases if not case.moved],
        "main bank moved": [case for case in cases if case.moved],
        "with a sign two months before": [case for case in cases if case.sign],
        "without any": [case for case in cases if not case.sign],
    }
    print(f"{'warned two months before':32}{'n':>5}  forecast            simple rule         told the true rates")
    for name, part in parts.items():
        shares = [share_with_interval([getattr(case, who) for case in part]) for who in ("model", "rule", "bound")]
        print(f"{name:32}{len(part):>5}  " + "  ".join(f"{v:.2f} ({low:.2f} to {high:.2f})" for v, low, high in shares))
    leads = [case.lead for case in cases if case.model]
    print(f"median lead of those warned: {np.median(leads):.0f} months")


def alarms(folder: Path, tables: dict[str, pl.DataFrame]) -> None:
    """Print which employers raised an alarm, and how many of their people were truly paid elsewhere."""
    events = pl.read_parquet(folder / "truth_events.parquet").filter(pl.col("event") == "employer_left_bank")
    first = tables["balances"]["month"].min()
    for place in range(YEAR, MONTHS):
        as_of = month_end(next_month(first, place))  # type: ignore[arg-type]
        truly = set(events.filter(pl.col("month") <= as_of)["customer_id"])
        groups = pay_groups(tables["transactions"], tables["holdings"], as_of)
        for alarm in employer_alarms(count_payers(groups)):
            people = groups.filter(pl.col("payer") == alarm.payer)["customer_id"]
            share = len(truly & set(people)) / alarm.people
            print(f"  {as_of}: {alarm.stopped} of {alarm.people} stopped, {share:.0%} of them by their employer")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--customers", type=int, default=6_000)
    arguments = parser.parse_args()
    policy = load_policy(ROOT / "models" / "retail.toml")
    cases: list[Case] = []
    pairs: list[tuple[float, float]] = []
    for seed in arguments.seeds:
        folder = arguments.folder / f"b{seed}"
        found, calibration = evaluate(folder, seed, arguments.customers, policy)
        cases, pairs = cases + found, pairs + calibration
        report(found)
    print(f"{len(arguments.seeds)} banks pooled")
    report(cases)
    print("chance of a departure within twelve months by tenth, and what came:")
    print("  " + "  ".join(f"{a:.3f}/{b:.3f}" for a, b in calibration_by_tenth(*zip(*pairs, strict=True))))
    for seed in arguments.seeds:
        print(f"employer alarms, seed {seed}")
        folder = arguments.folder / f"b{seed}"
        alarms(folder, build(folder, seed, arguments.customers, policy))


if __name__ == "__main__":
    main()

"""The draw: which households are served one tier better or less well, made once and kept until the trial ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from segment.dates import act_day, days_to_check
from segment.jobs.lists.control_arm import control_salt
from segment.jobs.lists.suppressions import require_nothing_new
from segment.jobs.service.trial_launch import TierLaunch, launch_of
from segment.jobs.service.trial_served import find_members, trial_of
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.policy.service import Service
from segment.policy.trial import WAYS, Trial, Way
from segment.service.plan import plan_table
from segment.service.segments import STANDARD
from segment.service.service_trial import AS_IS, ENROLLED, largest_drawn, may_be_drawn, with_served
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import ENROLMENTS, OBJECTIONS
from segment.store.transactions import transaction
from segment.upgrade.control import draw_control
from segment.warehouse.published_tiers import published_tiers
from segment.warehouse.reference_tables import managers_by_branch, read_reference
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace


@dataclass(frozen=True)
class TrialDraw(MessageResult):
    """A trial as it stands after the draw of a date."""

    name: str  # Of the trial
    as_of: dt.date  # The date
    fresh: int  # Households drawn just now
    # households, served: Households whose months run, and those of them in an arm that is served as another tier.
    households: int
    served: int
    # Branches whose advisers have no room for their share of better service; they take no part in it
    without_room: int
    room_known: bool  # Whether the ledger names managers; without them room was not looked at
    now: pl.DataFrame  # The date's tiers with `served_as` and `until`
    launch: tuple[TierLaunch, ...]  # Tiers that are tried
    # For the release: small tables of the ledger, and the objections, that were looked at
    tables: Mapping[str, pl.DataFrame] = field(repr=False)
    objections: pl.DataFrame = field(repr=False)

    @property
    def served_now(self) -> int:
        """Customers who are served as another tier now."""
        return self.now.filter(pl.col("served_as") != pl.col("tier")).height

    def messages(self) -> Iterator[Message]:
        """Say who was drawn, and what the trial can show; of no customer."""
        counts = {name: getattr(self, name) for name in ("households", "fresh", "served", "served_now")}
        yield Message("service_trial.draw", {"name": self.name, "as_of": self.as_of, **counts})
        if self.without_room:
            yield Message("service_trial.without_room", {"branches": self.without_room})
        if not self.room_known:
            yield Message("service_trial.room_not_known")
        yield from (tier.message for tier in self.launch)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; no customer is among them."""
        return {
            "trial": self.name,
            "as_of": self.as_of.isoformat(),
            "fresh": self.fresh,
            "households": self.households,
            "served": self.served,
            "served_now": self.served_now,
            "without_room": self.without_room,
            "room_known": self.room_known,
            "launch": [asdict(tier) for tier in self.launch],
        }


def draw_trial(as_of: dt.date, workspace: Workspace, policy: Policy, on: dt.date | None = None) -> TrialDraw:
    """Draw the households that may be drawn and were not yet; who was enrolled before stays where they are.

    Nothing is drawn outside the trial's days, or for a date before the last draw. The draw is the whole bank's.

    Parameters
    ----------
    as_of : datetime.date
        Date of the published tiers.
    workspace : Workspace
        Keeps who is enrolled in the store.
    policy : Policy
        Its `[trial]` and `[service]`.
    on : datetime.date, optional
        The day of which protection is asked, few days back at most, beside today; today by default.

    Returns
    -------
    TrialDraw

    Raises
    ------
    PolicyError, NotPublishedError
        Where the policy has no trial or nothing is published for the date.

    References
    ----------
    DOMAIN.md 3.3: strata, a secret salt, households as one, persistent.
    """
    trial, service = trial_of(policy)
    tiers, tables = published_tiers(workspace, as_of), read_reference(workspace)
    clock = workspace_clock(workspace).today
    days = days_to_check(act_day(on, clock, policy.law.backdated_days), clock)
    objections = read_rows(workspace, OBJECTIONS)
    members = find_members(tiers, tables, objections, policy, days)
    every = read_rows(workspace, ENROLMENTS)
    before = every.filter(pl.col("trial") == trial.name)
    managers = managers_by_branch(tables["relationship_managers"])
    fresh, full = pl.DataFrame(schema=ENROLLED), list[str]()
    if trial.draws_on(as_of) and before.filter(pl.col("enrolled_on") > as_of).is_empty():
        asked = may_be_drawn(members.tiers, members.outside, members.spared, trial)
        asked = _not_asked_before(asked, before, members.tiers)
        if managers:
            served = with_served(members.tiers, before, members.outside, members.spared, trial)
            full = _without_room(asked, plan_table(served, service, policy), trial, service, managers)
        crowded = pl.col("branch_id").is_in(full).any().over("household")
        asked = asked.filter((pl.col("way") == "down") | ~crowded)
        fresh = _enrolled(asked, trial, control_salt(workspace.control_salt), as_of)
        fresh = fresh.join(_cost_of_step(members.tiers, trial, service, policy), on=["way", "tier"], how="left")
        fresh = fresh.select(list(ENROLLED))
    enrolled = pl.concat([before, fresh])
    if not fresh.is_empty():
        with transaction(workspace):  # of two draws at once one is told to draw again
            now = [read_rows(workspace, table) for table in (ENROLMENTS, OBJECTIONS)]
            require_nothing_new([every, objections], now)
            upsert_rows(workspace, ENROLMENTS, fresh)
    running = (pl.col("enrolled_on") <= as_of) & (pl.col("until") > as_of)
    homes = enrolled.filter(running).unique("household")
    return TrialDraw(
        name=trial.name,
        as_of=as_of,
        fresh=fresh.filter("drawn")["household"].n_unique(),
        households=homes.height,
        served=homes.filter(pl.col("arm") != AS_IS).height,
        without_room=len(full),
        room_known=bool(managers),
        now=with_served(members.tiers, enrolled, members.outside, members.spared, trial),
        launch=launch_of(enrolled, members.tiers, trial, policy.outcomes.winsorise),
        tables=tables,
        objections=objections,
    )


def _not_asked_before(asked: pl.DataFrame, before: pl.DataFrame, tiers: pl.DataFrame) -> pl.DataFrame:
    """Members not enrolled yet, with the arm of their household where it has one alone."""
    placed = before.join(tiers.select("customer_id", now="household"), on="customer_id")
    homes = placed.group_by(household="now", maintain_order=True).agg(
        known_arm=pl.col("arm").first(),
        known_way=pl.col("way").first(),
        arms=pl.struct("way", "arm").n_unique(),
        kept_until=pl.col("until").min(),
    )
    new = asked.join(before, on="customer_id", how="anti").join(homes, on="household", how="left")
    alone = pl.col("arms").is_null() | ((pl.col("arms") == 1) & (pl.col("known_way") == pl.col("way")))
    return new.filter(alone)


def _without_room(
    asked: pl.DataFrame, plan: pl.DataFrame, trial: Trial, service: Service, managers: dict[str, int]
) -> list[str]:
    """Branches whose advisers could not track the most that a draw can bring; left out whole, so no draw is undone."""
    busy = plan.group_by("branch_id", maintain_order=True).agg(
        busy=(pl.col("customers") / pl.col("customers_per_adviser")).fill_null(0.0).sum()
    )
    each = {tier: service.plans[step].of(STANDARD).customers_per_adviser for tier, step in trial.steps["up"].items()}  # type: ignore[index]
    takes = {tier: 1.0 / number if number else 0.0 for tier, number in each.items()}
    up = largest_drawn(asked.filter((pl.col("way") == "up") & pl.col("known_arm").is_null()), trial.up_share)
    needed = up.with_columns(
        more=pl.col("customers") * pl.col("tier").replace_strict(takes, default=0.0, return_dtype=pl.Float64)
    )
    joined = (
        needed.group_by("branch_id", maintain_order=True)
        .agg(pl.col("more").sum())
        .join(busy, on="branch_id", how="left")
    )
    number = pl.col("branch_id").replace_strict(managers, default=0, return_dtype=pl.Int64)
    full = joined.filter((pl.col("more") > 0) & (pl.col("busy") + pl.col("more") > number))
    return full["branch_id"].sort().to_list()


def _enrolled(asked: pl.DataFrame, trial: Trial, salt: str, as_of: dt.date) -> pl.DataFrame:
    homes = asked.filter(pl.col("known_arm").is_null()).unique("household", keep="first", maintain_order=True)
    drawn = [_drawn(homes.filter(pl.col("way") == way), way, trial, salt) for way in WAYS]
    rows = asked.join(pl.concat(drawn), on="household", how="left", maintain_order="left")
    shares = pl.col("way").replace_strict(trial.shares, return_dtype=pl.Float64)
    return rows.with_columns(
        trial=pl.lit(trial.name),
        arm=pl.coalesce("known_arm", "arm"),
        share=shares,
        enrolled_on=pl.lit(as_of),
        until=pl.coalesce("kept_until", pl.lit(trial.until(as_of))),
        drawn=pl.col("known_arm").is_null(),
    )


def _drawn(homes: pl.DataFrame, way: Way, trial: Trial, salt: str) -> pl.DataFrame:
    """The households of a way with their arm; each way is a draw of its own."""
    lots = draw_control(homes.select("household", "stratum"), trial.shares[way], salt, f"{trial.name}|{way}")
    chosen = homes.select("household", lot=lots)
    return chosen.select("household", arm=pl.when("lot").then(pl.lit(way)).otherwise(pl.lit(AS_IS)))


def _cost_of_step(tiers: pl.DataFrame, trial: Trial, service: Service, policy: Policy) -> pl.DataFrame:
    """What a year of the other tier's plan costs more than the own tier's, for one customer, by the bank's budgets."""
    plan = (
        plan_table(tiers, service, policy)
        .group_by("tier", maintain_order=True)
        .agg(pl.col("budget", "customers").sum())
    )
    each = {tier: budget / customers for tier, budget, customers in plan.iter_rows()}
    rows = [
        (way, tier, round(each[step] - each[tier], 2) if {step, tier} <= set(each) else None)
        for way in WAYS
        for tier, step in trial.steps[way].items()
    ]
    return pl.DataFrame(rows, schema={"way": pl.String, "tier": pl.String, "cost_12m": pl.Float64}, orient="row")

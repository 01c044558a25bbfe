"""The draw: which households are served one tier better or less well, made once and kept until the trial ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.jobs.control_arm import control_salt
from segment.jobs.published import published_tiers
from segment.jobs.reference import managers_by_branch, read_reference
from segment.jobs.service_trial.launch import launch_table, sentence
from segment.jobs.service_trial.served import Known, known_today, read_enrolled, trial_of
from segment.policy import Policy
from segment.policy.service import Service
from segment.policy.trial import WAYS, Trial, Way
from segment.service import largest_drawn, may_be_drawn, plan_table, with_served
from segment.service.segments import STANDARD
from segment.service.trial import AS_IS, ENROLLED
from segment.upgrade import draw_control
from segment.warehouse import Workspace, write_parquet


@dataclass(frozen=True)
class Drawn:
    """A trial as it stands after the draw of a moment.

    Attributes
    ----------
    name : str
        Of the trial.
    as_of : datetime.date
        The moment.
    fresh : int
        Households drawn just now.
    households, served : int
        Households whose months run, and those of them in an arm that is served as another tier.
    without_room : int
        Branches whose advisers have no room for their share of better service; they take no part in it.
    room_known : bool
        Whether the ledger names managers; without them room was not looked at.
    now : polars.DataFrame
        The moment's tiers with `served_as` and `until`.
    launch : polars.DataFrame
        A row per tier that is tried: sizes of its arms and what they can show.
    """

    name: str
    as_of: dt.date
    fresh: int
    households: int
    served: int
    without_room: int
    room_known: bool
    now: pl.DataFrame
    launch: pl.DataFrame

    def __str__(self) -> str:
        """Say who was drawn, and what the trial can show; of no customer."""
        others = self.now.filter(pl.col("served_as") != pl.col("tier"))
        lines = [
            f"Trial {self.name} as of {self.as_of}: {self.households:,} households are in it, {self.fresh:,} of them "
            f"drawn just now; {self.served:,} are drawn to be served as another tier. {others.height:,} customers are "
            "served so now."
        ]
        if self.without_room:
            lines.append(
                f"{self.without_room:,} branches take no part in better service: their advisers have no room for it."
            )
        if not self.room_known:
            lines.append("The ledger names no relationship managers, so room for better service was not looked at.")
        return "\n".join([*lines, *map(sentence, self.launch.to_dicts())])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; no customer is among them."""
        others = self.now.filter(pl.col("served_as") != pl.col("tier"))
        return {
            "trial": self.name,
            "as_of": self.as_of.isoformat(),
            "fresh": self.fresh,
            "households": self.households,
            "served": self.served,
            "served_now": others.height,
            "without_room": self.without_room,
            "room_known": self.room_known,
            "launch": self.launch.to_dicts(),
        }


def draw_trial(as_of: dt.date, workspace: Workspace, policy: Policy, on: dt.date | None = None) -> Drawn:
    """Draw the households that may be drawn and were not yet; who was enrolled before stays where they are.

    Nothing is drawn outside the trial's days, or for a moment before the last draw. The draw is the whole bank's.

    Parameters
    ----------
    as_of : datetime.date
        Moment of the published tiers.
    workspace : Workspace
        Keeps who is enrolled in `trial.parquet`.
    policy : Policy
        Its `[trial]` and `[service]`.
    on : datetime.date, optional
        The day of which protection is asked; `as_of` by default.

    Returns
    -------
    Drawn

    Raises
    ------
    PublishError
        Where the policy has no trial or nothing is published for the moment.

    References
    ----------
    DOMAIN.md 3.3: strata, a secret salt, households as one, persistent.
    """
    trial, service = trial_of(policy)
    known = known_today(published_tiers(workspace, as_of), workspace, policy, on or as_of)
    before = read_enrolled(workspace, trial)
    managers = managers_by_branch(read_reference(workspace)["relationship_managers"])
    fresh, without_room = pl.DataFrame(schema=ENROLLED), 0
    if trial.draws_on(as_of) and before.filter(pl.col("enrolled_on") > as_of).is_empty():
        asked = _not_asked_before(may_be_drawn(known.tiers, known.outside, known.spared, trial), before, known)
        full = _without_room(asked, known, before, trial, service, policy, managers) if managers else []
        without_room = len(full)
        crowded = pl.col("branch_id").is_in(full).any().over("household")
        asked = asked.filter((pl.col("way") == "down") | ~crowded)
        fresh = _enrolled(asked, before, known, trial, control_salt(workspace), as_of)
        fresh = fresh.join(_cost_of_step(known.tiers, trial, service, policy), on=["way", "tier"], how="left")
        fresh = fresh.select(list(ENROLLED))
    enrolled = pl.concat([before, fresh])
    if not fresh.is_empty():
        _keep(fresh, workspace)
    running = (pl.col("enrolled_on") <= as_of) & (pl.col("until") > as_of)
    homes = enrolled.filter(running).unique("household")
    return Drawn(
        name=trial.name,
        as_of=as_of,
        fresh=fresh.filter("drawn")["household"].n_unique(),
        households=homes.height,
        served=homes.filter(pl.col("arm") != AS_IS).height,
        without_room=without_room,
        room_known=bool(managers),
        now=with_served(known.tiers, enrolled, known.outside, known.spared, trial),
        launch=launch_table(enrolled, known.tiers, policy),
    )


def _not_asked_before(asked: pl.DataFrame, before: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Members not enrolled yet, with the arm of their household where it has one alone."""
    placed = before.join(known.tiers.select("customer_id", now="household"), on="customer_id")
    homes = placed.group_by(household="now").agg(
        known_arm=pl.col("arm").first(),
        known_way=pl.col("way").first(),
        arms=pl.struct("way", "arm").n_unique(),
        kept_until=pl.col("until").min(),
    )
    new = asked.join(before, on="customer_id", how="anti").join(homes, on="household", how="left")
    alone = pl.col("arms").is_null() | ((pl.col("arms") == 1) & (pl.col("known_way") == pl.col("way")))
    return new.filter(alone)


def _without_room(
    asked: pl.DataFrame,
    known: Known,
    before: pl.DataFrame,
    trial: Trial,
    service: Service,
    policy: Policy,
    managers: dict[str, int],
) -> list[str]:
    """Branches whose advisers could not track the most that a draw can bring; left out whole, so no draw is undone."""
    served = with_served(known.tiers, before, known.outside, known.spared, trial)
    plan = plan_table(served, service, policy)
    busy = plan.group_by("branch_id").agg(
        busy=(pl.col("customers") / pl.col("customers_per_adviser")).fill_null(0.0).sum()
    )
    each = {tier: service.plans[step].of(STANDARD).customers_per_adviser for tier, step in trial.steps["up"].items()}  # type: ignore[index]
    takes = {tier: 1.0 / number if number else 0.0 for tier, number in each.items()}
    up = largest_drawn(asked.filter((pl.col("way") == "up") & pl.col("known_arm").is_null()), trial.up_share)
    needed = up.with_columns(
        more=pl.col("customers") * pl.col("tier").replace_strict(takes, default=0.0, return_dtype=pl.Float64)
    )
    joined = needed.group_by("branch_id").agg(pl.col("more").sum()).join(busy, on="branch_id", how="left")
    number = pl.col("branch_id").replace_strict(managers, default=0, return_dtype=pl.Int64)
    full = joined.filter((pl.col("more") > 0) & (pl.col("busy") + pl.col("more") > number))
    return full["branch_id"].sort().to_list()


def _enrolled(
    asked: pl.DataFrame, before: pl.DataFrame, known: Known, trial: Trial, salt: str, as_of: dt.date
) -> pl.DataFrame:
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
    plan = plan_table(tiers, service, policy).group_by("tier").agg(pl.col("budget", "customers").sum())
    each = {tier: budget / customers for tier, budget, customers in plan.iter_rows()}
    rows = [
        (way, tier, round(each[step] - each[tier], 2) if {step, tier} <= set(each) else None)
        for way in WAYS
        for tier, step in trial.steps[way].items()
    ]
    return pl.DataFrame(rows, schema={"way": pl.String, "tier": pl.String, "cost_12m": pl.Float64}, orient="row")


def _keep(fresh: pl.DataFrame, workspace: Workspace) -> None:
    path = workspace.trial
    others = pl.read_parquet(path) if path.is_file() else pl.DataFrame(schema=ENROLLED)
    write_parquet(pl.concat([others, fresh]), path)

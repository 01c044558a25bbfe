"""The upgrade-potential list of one moment."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.control_arm import draw_arms
from segment.jobs.levers import customer_levers
from segment.jobs.outcomes.moved import measure_lists
from segment.jobs.published import published_tiers
from segment.jobs.reasons import plain_sentences
from segment.jobs.reference import read_reference
from segment.jobs.who_not import who_not
from segment.policy import Policy
from segment.upgrade import (
    LIST_COLUMNS,
    Chosen,
    Limits,
    assign_managers,
    best_offers,
    detectable_difference,
    households,
    offer_options,
    rank_list,
    with_programme,
)
from segment.upgrade.conversion import learn_odds
from segment.warehouse import Workspace, write_parquet
from segment.warehouse.tables import write_json

REASONS = 3
ANALYTICS_COLUMNS = ("household", "stratum", "list_on")


@dataclass(frozen=True)
class UpgradeList:
    """A list, what was left out of it, and what it can show.

    Attributes
    ----------
    list_id : str
        The same for the same customers, offers, tiers, policy, date and limits.
    to_contact : polars.DataFrame
        Columns of CONTRACT.md section 4; only customers to contact.
    funnel : dict of str to int
        Customers left after each step.
    chosen : Chosen
        How good the choice within the limits is.
    launch : polars.DataFrame
        `programme`, `contact` and `control` (households), `expected` (share that moves), `detectable` (the smallest
        difference that the arms can show).
    withheld : tuple of str
        Bundles that the law lets nobody be offered yet.
    """

    list_id: str
    to_contact: pl.DataFrame
    funnel: dict[str, int]
    chosen: Chosen
    launch: pl.DataFrame
    withheld: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say how the list came about, how good it is, and what it can show."""
        steps = "  >  ".join(f"{step} {count:,}" for step, count in self.funnel.items())
        gain = self.to_contact["expected_net_gain_12m"].sum()
        lines = [
            steps,
            f"Expected net gain {gain:,.0f} a year.",
            *self._choice(),
            *([f"Not offered without a fair-lending review: {', '.join(self.withheld)}."] if self.withheld else []),
            *map(_launch_line, self.launch.to_dicts()),
        ]
        return "\n".join([*lines, f"List {self.list_id}; the workspace keeps its control arm."])

    def to_dict(self) -> dict[str, Any]:
        """Return counts and prices, no customer."""
        choice = self.chosen.choice
        return {
            "list_id": self.list_id,
            "funnel": self.funnel,
            "expected_net_gain_12m": float(self.to_contact["expected_net_gain_12m"].sum()),
            "choice": {
                "method": choice.method,
                "gain": choice.gain,
                "bound": choice.bound,
                "gap": choice.gap,
                "greedy_gap": choice.greedy_gap,
            },
            "adviser_hour_prices": self.chosen.adviser_hour_prices().to_dicts(),
            "limits": _finite(self.chosen.limits, "high").to_dicts(),
            "withheld": list(self.withheld),
            "launch": _finite(self.launch, "detectable").to_dicts(),
        }

    def _choice(self) -> list[str]:
        choice, prices = self.chosen.choice, self.chosen.adviser_hour_prices()
        scarce = prices.filter(pl.col("adviser_hour_price") > 0)
        dearest = float(scarce["adviser_hour_price"].to_numpy().max(initial=0.0))
        hours = f"in {scarce.height} of {prices.height} branches; one more brings up to {dearest:,.0f} a year"
        lines = [
            f"Choice by {choice.method}: at most {choice.bound:,.0f} is possible, gap {choice.gap:.4%}; "
            f"the greedy choice's gap is {choice.greedy_gap:.4%}.",
            f"Adviser hours are scarce {hours if dearest else 'nowhere'}.",
        ]
        unmet = self.chosen.limits.filter(pl.col("unmet") > 0)
        return [*lines, *([f"{unmet.height} floors of small branches cannot be met."] if len(unmet) else [])]


def upgrade_list(
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    *,
    branch: str | None = None,
    limits: Limits | None = None,
    list_on: dt.date | None = None,
) -> UpgradeList:
    """Make the list and keep its analytics copy, control arm included, and its report in the workspace.

    Parameters
    ----------
    as_of : datetime.date
        Moment of the published tiers.
    workspace : Workspace
        Holds the tiers and the contact rules of the last extract.
    policy : Policy
        Programmes, bundles, odds, costs, rules.
    branch : str, optional
        One branch.
    limits : Limits, optional
        Capacity and budget.
    list_on : datetime.date, optional
        The list's date, `as_of` by default; it counts for contact rules and expiry.

    Returns
    -------
    UpgradeList

    Raises
    ------
    PublishError
        Where nothing is published for the moment, a suppression source is stale, or nobody is left to contact.
    """
    dated = list_on or as_of
    if dated < as_of:
        raise PublishError.with_hint(
            f"A list must not be dated before its tiers. Got {dated} for tiers of {as_of}.", "leave --list-on out"
        )
    limits = limits or Limits()
    tables = read_reference(workspace)
    not_them = who_not(workspace, policy, dated)
    tiers = published_tiers(workspace, as_of, branch)
    candidates = _with_families(with_programme(tiers, policy), tables, as_of)
    known = candidates.join(not_them.known, on="customer_id", how="semi")
    allowed = known.join(not_them.people.filter(pl.col("channel").is_null()), on="customer_id", how="anti")
    barred = not_them.people.filter(pl.col("channel").is_not_null())
    odds = learn_odds(measure_lists(as_of, workspace, policy), policy)
    options = offer_options(allowed, barred, policy, resting=not_them.bundles, odds=odds)
    funnel = {
        "customers": tiers.height,
        "in a programme": candidates.height,
        "may be contacted": allowed.height,
        "worth an offer": options["customer_id"].n_unique(),
    }
    _refuse_empty(options, funnel)
    arms = draw_arms(_with_household(best_offers(options), tables), workspace, policy, dated)
    managers = tables["relationship_managers"]
    ranked, chosen = rank_list(options.join(arms, on="customer_id"), limits, managers, policy, dated)
    whole = _in_words(ranked, customer_levers(as_of, tiers, workspace, policy).best, managers, policy)
    list_id = _list_id(whole, tiers, policy, branch, limits, dated)
    whole = whole.with_columns(list_id=pl.lit(list_id), list_on=pl.lit(dated))
    to_contact = whole.filter(pl.col("arm") == "contact").select(LIST_COLUMNS)
    to_contact = to_contact.with_columns(rank=pl.int_range(1, pl.len() + 1))
    funnel |= {"kept back as control": int(arms["control"].sum()), "to contact": to_contact.height}
    _refuse_empty(to_contact, funnel)
    write_parquet(whole.select(*LIST_COLUMNS, *ANALYTICS_COLUMNS), workspace.lists / f"{list_id}.parquet")
    made = UpgradeList(list_id, to_contact, funnel, chosen, _launch(whole, policy), policy.withheld_bundles)
    write_json(made.to_dict(), workspace.lists / f"{list_id}.json")
    return made


def _finite(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """JSON knows no infinity."""
    return rows.with_columns(pl.when(pl.col(column).is_finite()).then(column))


def _refuse_empty(left: pl.DataFrame, funnel: dict[str, int]) -> None:
    if left.is_empty():
        counts = ", ".join(f"{step}: {count}" for step, count in funnel.items())
        raise PublishError.with_hint(
            f"A list must hold someone to contact. Nobody is left. {counts}.", "see the policy"
        )


def _with_families(customers: pl.DataFrame, tables: dict[str, pl.DataFrame], as_of: dt.date) -> pl.DataFrame:
    """Customers with the product families that they hold."""
    open_accounts = tables["accounts"].filter(
        (pl.col("opened_on") <= as_of) & (pl.col("closed_on").is_null() | (pl.col("closed_on") > as_of))
    )
    held = (
        tables["holdings"]
        .filter(pl.col("share") > 0)
        .join(open_accounts.select("account_id", "family"), on="account_id")
        .group_by("customer_id")
        .agg(families=pl.col("family").unique().sort())
    )
    joined = customers.join(held, on="customer_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("families").fill_null(pl.lit([], dtype=pl.List(pl.String))))


def _with_household(offers: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    grouped = offers.join(households(tables["customers"], tables["holdings"]), on="customer_id", how="left")
    return grouped.with_columns(pl.col("household").fill_null(pl.col("customer_id")))


def _in_words(ranked: pl.DataFrame, levers: pl.DataFrame, managers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The list with its bundle's name, its reasons and levers, what to say, and who says it."""
    sentences = [plain_sentences(codes)[:REASONS] for codes in ranked["reasons"].to_list()]
    reasons = {
        f"reason_{place + 1}": [said[place] if place < len(said) else None for said in sentences]
        for place in range(REASONS)
    }
    programmes = policy.programmes.items()
    assigned = assign_managers(ranked.filter(pl.col("arm") == "contact"), managers, policy)
    return (
        ranked.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in reasons.items())
        .with_columns(
            bundle_name=pl.col("bundle").replace_strict({code: b.name for code, b in policy.upgrade.bundles.items()}),
            say=pl.col("programme").replace_strict({code: programme.say for code, programme in programmes}),
            do_not_say=pl.col("programme").replace_strict({code: p.do_not_say for code, p in programmes}),
        )
        .join(levers, on="customer_id", how="left", maintain_order="left")
        .join(assigned, on="customer_id", how="left", maintain_order="left")
    )


def _launch(whole: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """What each programme of the list can show; odds as assumed before any outcome of it is known."""
    arms = whole.group_by("programme").agg(
        contact=pl.col("household").filter(pl.col("arm") == "contact").n_unique(),
        control=pl.col("household").filter(pl.col("arm") == "control").n_unique(),
        expected=pl.col("conversion_probability").mean(),
    )
    rows = [
        {**row, "detectable": detectable_difference(row["expected"], row["contact"], row["control"])}
        for row in arms.to_dicts()
    ]
    order = {code: programme.priority for code, programme in policy.programmes.items()}
    return pl.DataFrame(sorted(rows, key=lambda row: order[row["programme"]]))


def _launch_line(row: dict[str, object]) -> str:
    arms = f"{row['programme']}: {row['contact']:,} households to contact, {row['control']:,} kept back"
    if not row["contact"] or not row["control"]:
        return f"{arms}. An effect cannot be measured without both."
    return (
        f"{arms}. {row['expected']:.1%} are expected to move; "
        f"a difference below {100 * float(str(row['detectable'])):.1f} points cannot be shown."
    )


def _list_id(
    whole: pl.DataFrame, tiers: pl.DataFrame, policy: Policy, branch: str | None, limits: Limits, dated: dt.date
) -> str:
    rows = whole.select("customer_id", "arm", "bundle", "channel", "conversion_probability").rows()
    parts = (*tiers["run_id"].unique().sort(), policy.hash, branch, limits.capacity, limits.budget, dated, rows)
    return f"{dated.isoformat()}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:10]}"

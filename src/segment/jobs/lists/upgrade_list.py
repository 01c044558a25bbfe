"""The upgrade-potential list of one date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from segment.dates import act_day, days_to_check
from segment.exceptions import ListError
from segment.files import repr_hash
from segment.jobs.lists.control_arm import control_salt, draw_arms
from segment.jobs.lists.customer_levers import find_levers, levers_in_words, read_lever_snapshot
from segment.jobs.lists.list_candidates import list_candidates
from segment.jobs.lists.moves import measure_lists, read_campaigns
from segment.jobs.lists.suppressions import ContactSources, find_suppressions, require_recent_tiers
from segment.messages import Message
from segment.pages.message_result import MessageResult, counted
from segment.pages.sentences import Sentences
from segment.policy import Policy
from segment.store.lists import write_list
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import DRAWS, LIST_ROWS
from segment.store.tombstones import Erased
from segment.store.transactions import transaction
from segment.tiers.main_bank_flag import flag_gates
from segment.upgrade.control import households
from segment.upgrade.conversion import learn_odds
from segment.upgrade.offers import best_offers, offer_options
from segment.upgrade.places import Limits, ListChoice, assign_managers
from segment.upgrade.power import detectable_difference
from segment.upgrade.protections import Protections
from segment.upgrade.ranking import LIST_COLUMNS, rank_list
from segment.warehouse.published_tiers import published_limits, published_tiers
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

REASONS = 3
_STEP = "upgrade.step."  # Of the catalogue's words for steps of the funnel
_IN_CONTROL = "kept back as control"  # As it stands in the reports of lists since their first version


@dataclass(frozen=True)
class UpgradeList(MessageResult):
    """A list, what was left out of it, and what it can show."""

    list_id: str  # The same for the same customers, offers, tiers, policy, date and limits
    list_on: dt.date  # The list's date
    to_contact: pl.DataFrame  # Columns of CONTRACT.md section 4; only customers to contact
    funnel: dict[str, int]  # Customers left after each step
    chosen: ListChoice  # How good the choice within the limits is
    # `programme`, `contact` and `control` (households), `expected` (share that moves), `detectable` (the smallest
    # difference that the arms can show)
    launch: pl.DataFrame
    protections: Protections  # What was looked at
    withheld: tuple[str, ...] = ()  # Bundles that the law lets nobody be offered yet
    notes: tuple[Message, ...] = ()  # Whom the flag was asked of and left out, and what was learned from few data
    # Small tables of the ledger that it was made with, for its release
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    as_of: dt.date | None = None  # Of the tiers
    branch: str | None = None  # The one that it was made for; None: every branch

    def messages(self) -> Iterator[Message]:
        """Say how the list came about, how good it is, and what it can show."""
        gain = float(self.to_contact["expected_net_gain_12m"].sum())
        yield Message("results.steps", {"steps": counted(self.funnel, _STEP)})
        yield Message("upgrade.gain", {"gain": gain, **self._value()})
        yield from self._choice()
        if self.withheld:
            yield Message("upgrade.withheld", {"bundles": self.withheld})
        yield from (_launch_message(row) for row in self.launch.to_dicts())
        yield from self.notes
        yield from self.protections.messages()
        yield Message("upgrade.list", {"list_id": self.list_id})

    def to_dict(self) -> dict[str, Any]:
        """Return counts and prices, no customer."""
        choice = self.chosen.choice
        return {
            "list_id": self.list_id,
            "as_of": self.as_of and self.as_of.isoformat(),
            "branch": self.branch,
            "funnel": self.funnel,
            "expected_net_gain_12m": float(self.to_contact["expected_net_gain_12m"].sum()),
            "expected_net_value": self._value()["value"],
            "value_horizon_months": self._value()["months"],
            "choice": {name: getattr(choice, name) for name in ("method", "gain", "bound", "gap", "greedy_gap")},
            "adviser_hour_prices": self.chosen.adviser_hour_prices().to_dicts(),
            "limits": _finite(self.chosen.limits, "high").to_dicts(),
            "withheld": list(self.withheld),
            "notes": [note.to_dict() for note in self.notes],
            "protections": self.protections.to_dict(),
            "launch": _finite(self.launch, "detectable").to_dicts(),
        }

    def _value(self) -> dict[str, float]:
        """Net value of the contacts together, and the months that count."""
        rows = self.to_contact
        return {"value": float(rows["expected_net_value"].sum()), "months": int(rows["value_horizon_months"][0])}

    def _choice(self) -> Iterator[Message]:
        choice, prices = self.chosen.choice, self.chosen.adviser_hour_prices()
        scarce = prices.filter(pl.col("adviser_hour_price") > 0)
        dearest = float(scarce["adviser_hour_price"].to_numpy().max(initial=0.0))
        hours = {"scarce": scarce.height, "branches": prices.height, "dearest": dearest}
        figures = {name: getattr(choice, name) for name in ("method", "bound", "gap", "greedy_gap")}
        yield Message("upgrade.choice", figures)
        yield Message("upgrade.hours_scarce", hours) if dearest else Message("upgrade.hours_enough")
        unmet = self.chosen.limits.filter(pl.col("unmet") > 0)
        if len(unmet):
            yield Message("upgrade.unmet", {"floors": unmet.height})


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
        Date of the published tiers.
    workspace : Workspace
        Holds the tiers and the contact rules of the last extract.
    policy : Policy
        Programmes, bundles, odds, costs, rules.
    branch : str, optional
        One branch.
    limits : Limits, optional
        Capacity and budget.
    list_on : datetime.date, optional
        The list's date, few days back at most; today by default. It counts for expiry, and for contact rules beside
        today.

    Returns
    -------
    UpgradeList

    Raises
    ------
    ListError
        Where nothing is published for the date, its tiers or a suppression source are stale, or nobody is left to
        contact.
    """
    clock = workspace_clock(workspace).today
    dated = act_day(list_on, clock, policy.law.backdated_days)
    if dated < as_of:
        raise ListError.with_hint(
            f"A list must not be dated before its tiers. Got {dated} for tiers of {as_of}.", "leave --list-on out"
        )
    limits = limits or Limits()
    sources = ContactSources.read(workspace)
    suppressions = find_suppressions(sources, policy, days_to_check(dated, clock))
    tables, managers = sources.tables, sources.tables["relationship_managers"]
    tiers = published_tiers(workspace, as_of, branch)
    require_recent_tiers(as_of, clock, policy)
    snapshot = read_lever_snapshot(workspace.snapshot(as_of), policy)
    releases = read_records(workspace, RecordKind.LIST_RELEASED)
    past, months = read_rows(workspace, LIST_ROWS), workspace.customer_months
    campaigns = read_campaigns(as_of, past, months, releases, sources, policy)
    odds = learn_odds(measure_lists(campaigns, policy), policy)
    candidates = list_candidates(tiers, tables, workspace.customer_months, policy, as_of)
    allowed = candidates.join(suppressions.customers, on="customer_id", how="semi")
    allowed = allowed.join(suppressions.people.filter(pl.col("channel").is_null()), on="customer_id", how="anti")
    barred = suppressions.people.filter(pl.col("channel").is_not_null())
    options = offer_options(allowed, barred, policy, resting=suppressions.bundles, odds=odds)
    funnel = {
        "customers": tiers.height,
        "in a programme": candidates.height,
        "may be contacted": allowed.height,
        "worth an offer": options["customer_id"].n_unique(),
    }
    _refuse_empty(options, funnel)
    homes = households(tables["customers"], tables["holdings"])
    offers, salt = _with_household(best_offers(options), homes), control_salt(workspace.control_salt)
    with transaction(workspace):
        # of two lists at once the second finds the arms that the first one drew
        draw = draw_arms(offers, homes, read_rows(workspace, DRAWS), salt, policy, dated)
        upsert_rows(workspace, DRAWS, draw.new)
    ranked, chosen = rank_list(options.join(draw.arms, on="customer_id"), limits, managers, policy, dated)
    whole = _in_words(ranked, find_levers(as_of, tiers, snapshot, tables, policy).best, managers, policy)
    list_id = _list_id(whole, tiers, policy, branch, limits, dated)
    whole = whole.with_columns(list_id=pl.lit(list_id), list_on=pl.lit(dated))
    with transaction(workspace):
        # who was erased while the list was made stands neither in the workspace nor in what is shown
        whole = Erased.of(workspace).leave_out(whole)
        to_contact = whole.filter(pl.col("arm") == "contact").select(LIST_COLUMNS)
        to_contact = to_contact.with_columns(rank=pl.int_range(1, pl.len() + 1))
        funnel |= {_IN_CONTROL: int(draw.arms["control"].sum()), "to contact": to_contact.height}
        _refuse_empty(to_contact, funnel)
        safe = suppressions.protections, policy.withheld_bundles, (*_flag(tiers), *published_limits(workspace, tiers))
        about = _launch(whole, policy), *safe, tables, as_of, branch
        made = UpgradeList(list_id, dated, to_contact, funnel, chosen, *about)
        write_list(workspace, list_id, made.to_dict(), whole)
    return made


def _flag(tiers: pl.DataFrame) -> list[Message]:
    """Say whom the flag was asked of, and whom each gate left out."""
    counts = flag_gates(tiers)
    return [Message("limits.flag_gates", counts)] if counts else []


def _finite(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """JSON knows no infinity."""
    return rows.with_columns(pl.when(pl.col(column).is_finite()).then(column))


def _refuse_empty(left: pl.DataFrame, funnel: dict[str, int]) -> None:
    if left.is_empty():
        counts = Sentences().figure(counted(funnel, _STEP), "list")
        raise ListError.with_hint(f"A list must hold someone to contact. Nobody is left. {counts}.", "see the policy")


def _with_household(offers: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    grouped = offers.join(homes, on="customer_id", how="left")
    return grouped.with_columns(pl.col("household").fill_null(pl.col("customer_id")))


def _in_words(ranked: pl.DataFrame, levers: pl.DataFrame, managers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The list with its bundle's name, its reasons and levers, what to say, and who says it."""
    t = Sentences()
    sentences = [t.reasons(codes[:REASONS]) for codes in ranked["reasons"].to_list()]
    reasons = {
        f"reason_{place + 1}": [texts[place] if place < len(texts) else None for texts in sentences]
        for place in range(REASONS)
    }
    levers = levers.join(ranked, on="customer_id", how="semi")
    levers = levers.select("customer_id", lever=levers_in_words(levers), lever_gain_12m="gain_12m")
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
    arms = whole.group_by("programme", maintain_order=True).agg(
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


def _launch_message(row: Mapping[str, Any]) -> Message:
    arms = Message("upgrade.arms", row)
    measurable = row["contact"] and row["control"]
    return Message("upgrade.launch" if measurable else "results.no_effect", {**row, "arms": arms})


def _list_id(
    whole: pl.DataFrame, tiers: pl.DataFrame, policy: Policy, branch: str | None, limits: Limits, dated: dt.date
) -> str:
    rows = whole.select("customer_id", "arm", "bundle", "channel", "conversion_probability").rows()
    parts = (*tiers["run_id"].unique().sort(), policy.hash, branch, limits.capacity, limits.budget, dated, rows)
    return f"{dated.isoformat()}-{repr_hash(parts)[:10]}"

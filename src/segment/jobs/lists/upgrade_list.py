"""The upgrade-potential list of one date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from segment.exceptions import ListError
from segment.files import repr_hash
from segment.jobs.lists.control_arm import control_salt, draw_arms
from segment.jobs.lists.list_basis import STEP, ListBasis, refuse_empty
from segment.jobs.lists.list_summary import chance_messages, launch_messages, launch_table, worth_messages
from segment.jobs.lists.list_words import in_words
from segment.messages import Message
from segment.pages.message_result import MessageResult, counted
from segment.policy import Policy
from segment.settings import current_user
from segment.store.lists import write_list
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import DRAWS
from segment.store.tombstones import Erased
from segment.store.transactions import transaction
from segment.tiers.main_bank_flag import flag_gates
from segment.upgrade.chances import LearnedChances
from segment.upgrade.control import households
from segment.upgrade.list_worth import ListWorth, worth_of_list
from segment.upgrade.offers import best_offers
from segment.upgrade.places import Limits, ListChoice
from segment.upgrade.protections import Protections
from segment.upgrade.ranking import LIST_COLUMNS, rank_list
from segment.warehouse.published_tiers import published_limits
from segment.workspace import Workspace

_IN_CONTROL = "kept back as control"  # As it stands in the reports of lists since their first version


@dataclass(frozen=True)
class UpgradeList(MessageResult):
    """A list, what was left out of it, and what it can show."""

    list_id: str  # The same for the same customers, offers, tiers, policy, date and limits
    list_on: dt.date  # The list's date
    to_contact: pl.DataFrame  # Columns of CONTRACT.md section 4; only customers to contact
    funnel: dict[str, int]  # Customers left after each step
    chosen: ListChoice  # How good the choice within the limits is
    worth: ListWorth  # Its value and range, what its hours buy, what was left out, what an adviser more brings
    # `programme`, `contact` and `control` (households), `expected` (share that moves), `detectable` (the smallest
    # difference that the arms can show), `uplift` (what contacts are expected to add), `months` (lists like this one
    # until that can be shown, those of before counted; null: not in ten years); the last row pools the programmes
    launch: pl.DataFrame
    chances: LearnedChances  # What outcomes have taught of the policy's
    protections: Protections  # What was looked at
    withheld: tuple[str, ...] = ()  # Bundles that the law lets nobody be offered yet
    notes: tuple[Message, ...] = ()  # Whom the flag was asked of and left out, and what was learned from few data
    # Small tables of the ledger that it was made with, for its release
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    as_of: dt.date | None = None  # Of the tiers
    tiers_runs: tuple[str, ...] = ()  # The refreshes that published them
    branch: str | None = None  # The one that it was made for; None: every branch
    programme: str | None = None  # Likewise

    def messages(self) -> Iterator[Message]:
        """Say how the list came about, how good it is, and what it can show."""
        gain = float(self.to_contact["expected_net_gain_12m"].sum())
        yield Message("results.steps", {"steps": counted(self.funnel, STEP)})
        yield from worth_messages(self.worth, self._months, gain)
        yield from self._choice()
        dated = self.to_contact.height - self.to_contact["trigger"].null_count()
        yield Message("upgrade.dated", {"dated": dated, "contacts": self.to_contact.height})
        if self.withheld:
            yield Message("upgrade.withheld", {"bundles": self.withheld})
        yield from chance_messages(self.chances)
        yield from launch_messages(self.launch)
        yield from self.notes
        yield from self.protections.messages()
        yield Message("upgrade.list", {"list_id": self.list_id})

    def to_dict(self) -> dict[str, Any]:
        """Return counts and prices, no customer."""
        choice = self.chosen.choice
        return {
            "list_id": self.list_id,
            "as_of": self.as_of and self.as_of.isoformat(),
            "tiers_runs": list(self.tiers_runs),
            "branch": self.branch,
            "programme": self.programme,
            "funnel": self.funnel,
            "expected_net_gain_12m": float(self.to_contact["expected_net_gain_12m"].sum()),
            "expected_net_value": self.worth.value,
            "value_horizon_months": self._months,
            "worth": self.worth.to_dict(),
            "choice": {name: getattr(choice, name) for name in ("method", "gain", "bound", "gap", "greedy_gap")},
            "adviser_hour_prices": self.chosen.adviser_hour_prices().to_dicts(),
            "limits": _finite(self.chosen.limits, "high").to_dicts(),
            "withheld": list(self.withheld),
            "notes": [note.to_dict() for note in self.notes],
            "protections": self.protections.to_dict(),
            "chances": self.chances.to_dict(),
            "launch": _finite(self.launch, "detectable").to_dicts(),
        }

    def worth_by_contact(self, policy: Policy) -> pl.DataFrame:
        """Branch and net value of each contact, and whether it takes an adviser's time; nobody's name."""
        takes = {name: channel.adviser_minutes > 0 for name, channel in policy.upgrade.channels.items()}
        by_adviser = pl.col("channel").replace_strict(takes, return_dtype=pl.Boolean)
        return self.to_contact.select("branch_id", "expected_net_value", by_adviser=by_adviser)

    @property
    def _months(self) -> int:
        """Months that count."""
        return int(self.to_contact["value_horizon_months"][0])

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
    programme: str | None = None,
    limits: Limits | None = None,
    list_on: dt.date | None = None,
    anyway: bool = False,
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
    programme : str, optional
        One programme of the policy; all of them by default, which compete.
    limits : Limits, optional
        Capacity and budget.
    list_on : datetime.date, optional
        The list's date, few days back at most; today by default. It counts for expiry, and for contact rules beside
        today.
    anyway : bool
        Make a list, too, that is worth less than its own work.

    Returns
    -------
    UpgradeList

    Raises
    ------
    ListError
        Where nothing is published for the date, its tiers or a suppression source are stale, nobody is left to
        contact, or the list is worth less than its work and not asked for anyway.
    """
    basis = ListBasis.read(as_of, workspace, policy, branch=branch, programme=programme, list_on=list_on)
    options, tables, tiers, dated = basis.options, basis.tables, basis.tiers, basis.dated
    managers, limits, funnel = tables["relationship_managers"], limits or Limits(), dict(basis.funnel)
    homes = households(tables["customers"], tables["holdings"])
    offers, salt = _with_household(best_offers(options), homes), control_salt(workspace.control_salt)
    with transaction(workspace):
        # of two lists at once the second finds the arms that the first one drew
        draw = draw_arms(offers, homes, read_rows(workspace, DRAWS), salt, policy, dated)
        upsert_rows(workspace, DRAWS, draw.new)
    open_to = options.join(draw.arms, on="customer_id")
    ranked, chosen = rank_list(open_to, limits, managers, policy, dated)
    worth = worth_of_list(ranked, open_to, chosen, limits, managers, policy)
    _refuse_worthless(worth, anyway)
    whole = in_words(ranked, basis.levers, tables, policy)
    runs = tuple(tiers["run_id"].unique().sort())
    list_id = _list_id(whole, runs, policy, (branch, programme), limits, dated)
    whole = whole.with_columns(list_id=pl.lit(list_id), list_on=pl.lit(dated))
    with transaction(workspace):
        # who was erased while the list was made stands neither in the workspace nor in what is shown
        whole = Erased.of(workspace).leave_out(whole)
        to_contact = whole.filter(pl.col("arm") == "contact").select(LIST_COLUMNS)
        to_contact = to_contact.with_columns(rank=pl.int_range(1, pl.len() + 1))
        funnel |= {_IN_CONTROL: int(draw.arms["control"].sum()), "to contact": to_contact.height}
        refuse_empty(to_contact, funnel)
        notes = (*_flag(tiers), *published_limits(workspace, tiers))
        safe = basis.protections, policy.withheld_bundles, notes
        about = worth, launch_table(whole, basis.campaigns, policy), basis.chances, *safe
        of = tables, as_of, runs, branch, programme
        made = UpgradeList(list_id, dated, to_contact, funnel, chosen, *about, *of)
        write_list(workspace, list_id, {**made.to_dict(), "made_by": current_user()}, whole)
    return made


def _flag(tiers: pl.DataFrame) -> list[Message]:
    """Say whom the flag was asked of, and whom each gate left out."""
    counts = flag_gates(tiers)
    return [Message("limits.flag_gates", counts)] if counts else []


def _finite(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """JSON knows no infinity."""
    return rows.with_columns(pl.when(pl.col(column).is_finite()).then(column))


def _refuse_worthless(worth: ListWorth, anyway: bool) -> None:
    if not (worth.pays or anyway):
        raise ListError.of("errors.list_not_worth_it", value=worth.value, work=worth.work, contacts=worth.contacts)


def _with_household(offers: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    grouped = offers.join(homes, on="customer_id", how="left")
    return grouped.with_columns(pl.col("household").fill_null(pl.col("customer_id")))


def _list_id(
    whole: pl.DataFrame,
    runs: tuple[str, ...],
    policy: Policy,
    narrowed: tuple[str | None, str | None],
    limits: Limits,
    dated: dt.date,
) -> str:
    rows = whole.select("customer_id", "arm", "bundle", "channel", "conversion_probability").rows()
    branch, programme = narrowed
    asked = (branch, limits.capacity, limits.budget, dated, *filter(None, [programme]))
    parts = (*runs, policy.hash, *asked, rows)
    return f"{dated.isoformat()}-{repr_hash(parts)[:10]}"

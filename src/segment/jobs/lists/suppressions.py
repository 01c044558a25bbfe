"""Whom no list may reach, by everything that is known now."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.exceptions import BusyError, ListError
from segment.ledger.protection import IN_DOUBT
from segment.policy import Policy
from segment.policy.jurisdiction import Protection
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS, OBJECTIONS, OUTCOMES
from segment.store.transactions import reading
from segment.upgrade.contacts_made import contacts_made, recently_offered
from segment.upgrade.protections import Protections, given_by, given_of_counts, require_given
from segment.upgrade.suppression import HARDEST_FIRST, suppressed
from segment.warehouse.reference_tables import read_reference
from segment.warehouse.serving_copy import ServingCopy
from segment.warehouse.serving_ledger import own_tables
from segment.warehouse.tiers_table import published_dates, published_version, read_tiers
from segment.workspace import Workspace

_LOOKED_AT = ("campaign_outcomes", "contact_rules", "customers", "relationship_managers", "suppression_sources")
_LISTED = ("list_id", "customer_id", "channel", "bundle")


@dataclass(frozen=True)
class ContactSources:
    """Everything that says who may be contacted, as it was read at one moment."""

    tables: Mapping[str, pl.DataFrame]  # Small tables of the ledger
    outcomes: pl.DataFrame  # That branches handed in
    objections: pl.DataFrame
    past_lists: pl.DataFrame  # `list_id`, `customer_id`, `channel`, `bundle` of the lists that outcomes tell of
    in_arrears: pl.DataFrame  # `customer_id` of those in arrears in the newest published tiers
    in_doubt: pl.DataFrame  # Contact rules of those of whom a row of outcomes could not be read
    given: Mapping[Protection, int]  # What the whole ledger gives of each protection, whoever is asked about

    @classmethod
    def read(cls, workspace: Workspace, tables: Mapping[str, pl.DataFrame] | None = None) -> ContactSources:
        """Read them; the ledger's tables may be at hand, what people handed in is always read anew."""
        tables = read_reference(workspace) if tables is None else tables
        outcomes = read_rows(workspace, OUTCOMES)
        named = {*tables["campaign_outcomes"]["list_id"], *outcomes["list_id"]}
        past = read_rows(workspace, LIST_ROWS, "list_id", named).select(_LISTED)
        doubts = _in_doubt(workspace.quarantine / "outcomes", outcomes)
        late = _in_arrears(workspace.tiers)
        given = given_by({**tables, "contact_rules": _with_doubts(tables["contact_rules"], doubts)})
        return cls(tables, outcomes, read_rows(workspace, OBJECTIONS), past, late, doubts, given)

    @classmethod
    def read_of(cls, customers: Iterable[str], workspace: Workspace, copy: ServingCopy | None) -> ContactSources:
        """Read what says whether some customers may be contacted; the page's copy spares reading it of everybody."""
        asked = sorted(set(customers))
        own = own_tables(copy, workspace, asked, _LOOKED_AT)
        with reading(workspace):
            outcomes, objections, listed = (
                read_rows(workspace, table, "customer_id", asked) for table in (OUTCOMES, OBJECTIONS, LIST_ROWS)
            )
        named = {*own.tables["campaign_outcomes"]["list_id"], *outcomes["list_id"]}
        past = listed.filter(pl.col("list_id").is_in(named)).select(_LISTED)
        doubts = _in_doubt(workspace.quarantine / "outcomes", outcomes).filter(pl.col("customer_id").is_in(asked))
        late = _late_of(asked, workspace.tiers, copy)
        given = given_of_counts(own.given)
        given["contact_rules"] += doubts.height
        return cls(own.tables, outcomes, objections, past, late, doubts, given)

    def require_same(self, now: ContactSources) -> None:
        """Stop where somebody handed in something that counts since these were read."""
        of_both = ((own.outcomes, own.objections, own.in_doubt) for own in (self, now))
        require_nothing_new(*of_both)

    @property
    def protecting(self) -> Mapping[str, pl.DataFrame]:
        """The ledger's tables, with contact rules of everybody in doubt."""
        return {**self.tables, "contact_rules": _with_doubts(self.tables["contact_rules"], self.in_doubt)}


def require_nothing_new(before: Sequence[pl.DataFrame], now: Sequence[pl.DataFrame]) -> None:
    """Stop where rows that something was checked by have changed when it is to be written."""
    if not all(rows.equals(after) for rows, after in zip(before, now, strict=True)):
        raise BusyError.of("errors.handed_in_meanwhile")


@dataclass(frozen=True)
class Suppressions:
    """Everyone whom a rule keeps out."""

    people: pl.DataFrame  # From `segment.upgrade.suppressed`: `customer_id`, `channel` (null: every channel), `code`
    bundles: pl.DataFrame  # `customer_id`, `bundle`: not to be offered again yet
    customers: pl.DataFrame  # `customer_id` of everyone in the ledger; nobody else may be contacted
    protections: Protections  # What was looked at

    def codes_of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Say which rows of a list must go, and why."""
        asked = rows.select("customer_id", pl.col("channel").cast(pl.String), pl.col("bundle").cast(pl.String))
        closed = pl.col("channel_right").is_null() | pl.col("channel").is_null()
        by_rule = asked.join(self.people, on="customer_id").filter(
            closed | (pl.col("channel") == pl.col("channel_right"))
        )
        again = asked.join(self.bundles, on=["customer_id", "bundle"], how="semi")
        strange = asked.join(self.customers, on="customer_id", how="anti")
        codes = pl.concat(
            [
                by_rule.select("customer_id", "code"),
                again.select("customer_id", code=pl.lit("same_bundle")),
                strange.select("customer_id", code=pl.lit("unknown_customer")),
            ]
        )
        place = pl.col("code").replace_strict(
            {code: number for number, code in enumerate(HARDEST_FIRST)}, default=len(HARDEST_FIRST)
        )
        return codes.sort(place, "customer_id", "code").unique("customer_id", keep="first", maintain_order=True)


def find_suppressions(
    sources: ContactSources, policy: Policy, days: Sequence[dt.date], expires_on: dt.date | None = None
) -> Suppressions:
    """Find whom the rules keep out on any of some days; a source that is missing or stale on one of them stops."""
    by_day = [_of_day(sources, policy, day, expires_on) for day in days]
    people, bundles = (pl.concat(parts).unique(maintain_order=True) for parts in zip(*by_day, strict=True))
    late = sources.in_arrears.with_columns(channel=pl.lit(None, pl.String), code=pl.lit("in_arrears"))
    people = pl.concat([people, late.select(people.columns)])
    protections = Protections.of(sources.protecting, policy, max(days), sources.objections, sources.outcomes)
    return Suppressions(people, bundles, sources.tables["customers"].select("customer_id"), protections)


def require_recent_tiers(as_of: dt.date, clock: dt.date, policy: Policy) -> None:
    """Refuse a list of tiers that are old by now."""
    if (clock - as_of).days > policy.law.figures_most_days:
        raise ListError.of(
            "errors.tiers_too_old", figures_most_days=policy.law.figures_most_days, as_of=as_of, clock=clock
        )


def _of_day(
    sources: ContactSources, policy: Policy, on: dt.date, expires_on: dt.date | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    tables, rules = sources.protecting, policy.upgrade
    require_given(sources.given, tables["suppression_sources"], policy, on)
    people = suppressed(
        tables,
        rules,
        on,
        expires_on=expires_on,
        kept_outcomes=sources.outcomes,
        objections=sources.objections,
        past_lists=sources.past_lists,
    )
    contacts = contacts_made(tables["campaign_outcomes"], sources.outcomes, sources.past_lists)
    return people, recently_offered(contacts, rules, on)


def _in_doubt(refused: Path, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Whom rows name that were refused, and not handed in again for the same list since: they may have declined."""
    key = ["list_id", "customer_id"]
    schema = dict.fromkeys(key, pl.String)
    rows = [pl.read_parquet(path, columns=key, glob=False).cast(schema) for path in sorted(refused.glob("*.parquet"))]  # type: ignore[arg-type]
    waiting = pl.concat([pl.DataFrame(schema=schema), *rows]).drop_nulls("customer_id").unique()
    return waiting.join(outcomes, on=key, how="anti").select("customer_id", rule=pl.lit(IN_DOUBT))


def _with_doubts(rules: pl.DataFrame, doubts: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([rules, doubts], how="diagonal_relaxed")


def _late_of(customers: Sequence[str], tiers: Path, copy: ServingCopy | None) -> pl.DataFrame:
    """Who of some is in arrears, by the copy while it is of what was published last."""
    if copy is None or copy.version != published_version(tiers):
        return _in_arrears(tiers).filter(pl.col("customer_id").is_in(customers))
    rows = copy.rows(
        "SELECT customer_id FROM customers WHERE sub_state = 'in_arrears' "
        "AND customer_id IN (SELECT value FROM json_each(?))",
        [json.dumps(customers)],
    )
    return pl.DataFrame([tuple(row) for row in rows], schema={"customer_id": pl.String}, orient="row")


def _in_arrears(tiers: Path) -> pl.DataFrame:
    """Who is in arrears by what was published last: on no list, however it was made (DOMAIN.md 3.10)."""
    dates = published_dates(tiers)
    newest = read_tiers(tiers, dates[-1]) if dates else pl.DataFrame(schema={"customer_id": pl.String})
    state = pl.col("sub_state") if "sub_state" in newest.columns else pl.lit(None, pl.String)
    return newest.filter(state == "in_arrears").select("customer_id")

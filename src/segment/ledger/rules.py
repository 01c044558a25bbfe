"""Every row-level rule, by table: what `segment check` prints, what quarantine names, what the reference page lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from segment.ledger import predicates as are
from segment.ledger.contract import TABLES
from segment.ledger.schema import Column, Table

Stage = Literal["value", "reference", "key", "group"]
STAGES: tuple[Stage, ...] = ("value", "reference", "key", "group")

_UNREADABLE = {
    "text": ("not_text", "is text"),
    "date": ("not_a_date", "is an ISO date (YYYY-MM-DD)"),
    "month": ("not_a_date", "is an ISO date (YYYY-MM-DD)"),
    "number": ("not_a_number", "is a number"),
    "time": ("not_a_time", "is a local time without a zone, as 09:41 or 2025-03-03T09:41"),
    "integer": ("not_an_integer", "is a whole number"),
    "boolean": ("not_a_boolean", "is true or false"),
}
PARENTS = {"branches": "branch", "customers": "customer", "accounts": "account"}
_MONEY = {"amount", "average_balance", "closing_balance", "wallet_elsewhere_12m", "monthly_overhead", "price"}


@dataclass(frozen=True)
class RuleContext:
    """What a rule may need to know beyond its own table."""

    products: Collection[str] = ()  # those that the policy names
    # ids of the tables checked so far: of all their rows, and of those that break no rule
    given: Mapping[str, pl.Series] = field(default_factory=dict)
    clean: Mapping[str, pl.Series] = field(default_factory=dict)
    last_day: dt.date | None = None  # that the ledger tells of, whatever day is asked for


@dataclass(frozen=True)
class Rule:
    """A row-level rule of one table.

    Parameters
    ----------
    table : str
        The table it holds for.
    name : str
        What quarantine and reports call a row that breaks it.
    meaning : str
        What must hold, in one line.
    stage : {"value", "reference", "key", "group"}
        When it is asked: each stage sees only rows that passed the stages before it.
    broken : callable
        From the rule's context to an expression that is true where the rule is broken.
    consequence : bool
        Whether a row breaks it only because a row of another table was quarantined.
    """

    table: str
    name: str
    meaning: str
    stage: Stage
    broken: Callable[[RuleContext], pl.Expr]
    consequence: bool = False


def rules_of(table: Table) -> tuple[Rule, ...]:
    """List the rules of a table in the order in which they are asked; a row is quarantined by the first it breaks."""
    return (
        *_null_key_rules(table),
        *_column_rules(table),
        *_own_rules(table),
        *_reference_rules(table),
        *_key_rules(table),
        *_group_rules(table),
    )


def _rule(table: Table, name: str, meaning: str, expression: pl.Expr, stage: Stage = "value") -> Rule:
    return Rule(table.name, name, meaning, stage, lambda context: expression)


def _null_key_rules(table: Table) -> Iterator[Rule]:
    required = [column.name for column in table.columns if column.key and not column.nullable]
    if required:
        listed = " and ".join(f"`{name}`" for name in required)
        empty = pl.any_horizontal([are.is_null(name) for name in required])
        yield _rule(table, "null_key", f"{listed} {'are' if len(required) > 1 else 'is'} given", empty)


def _column_rules(table: Table) -> Iterator[Rule]:
    for column in table.columns:
        yield _unreadable_rule(table, column)
        if not column.nullable and not column.key:
            yield _rule(table, f"{column.name}_null", f"`{column.name}` is given", are.is_null(column.name))
        if column.kind == "number":
            yield from _number_rules(table, column.name)
        if column.kind in ("date", "month"):
            yield from _date_rules(table, column)


def _unreadable_rule(table: Table, column: Column) -> Rule:
    suffix, meaning = _UNREADABLE[column.kind]
    name, meaning = f"{column.name}_{suffix}", f"`{column.name}` {meaning}"
    if column.values:
        name, meaning = f"unknown_{column.name}", f"`{column.name}` is a word of the contract"
    return _rule(table, name, meaning, are.is_unreadable(column.name))


def _number_rules(table: Table, column: str) -> Iterator[Rule]:
    yield _rule(table, f"{column}_not_finite", f"`{column}` is neither NaN nor infinite", are.is_not_finite(column))
    if column in _MONEY:
        meaning = f"`{column}` is at most {are.LARGEST_AMOUNT:.0e}, to be kept to the cent"
        yield _rule(table, f"{column}_too_large", meaning, are.is_too_large(column))


def _date_rules(table: Table, column: Column) -> Iterator[Rule]:
    name = f"{column.name}_out_of_range"
    if column.name == "birth_date":
        yield _rule(table, name, "`birth_date` lies in 1870 to 2100", are.is_no_birth_date(column.name))
        return
    yield _rule(table, name, f"`{column.name}` lies in 1970 to 2100", are.is_out_of_range(column.name))
    if column.kind == "month":
        meaning = f"`{column.name}` is a month's first day"
        yield _rule(table, f"{column.name}_not_first_day", meaning, are.is_not_first_day(column.name))


def _key_rules(table: Table) -> Iterator[Rule]:
    if not table.key:
        return
    key = ", ".join(f"`{name}`" for name in table.key)
    repeated = f"{key} stands once; of rows that are the same in every column, the first is kept"
    conflicting = f"{key} stands once; of rows that differ, none is kept"
    yield _rule(table, "duplicate_key_repeated", repeated, are.repeats_a_row(table.schema.names()), "key")
    yield _rule(table, "duplicate_key_conflicting", conflicting, are.shares_its_key(table.key), "key")


def _reference_rules(table: Table) -> Iterator[Rule]:
    for column in table.columns:
        if column.references:
            yield _orphan_rule(table, column.name, column.references)
            yield _orphan_of_quarantined_rule(table, column.name, column.references)


def _orphan_rule(table: Table, column: str, parent: str) -> Rule:
    return Rule(
        table.name,
        f"orphan_{PARENTS[parent]}",
        f"`{column}` stands in `{parent}`",
        "reference",
        lambda context: are.is_orphan(column, context.given[parent]),
    )


def _orphan_of_quarantined_rule(table: Table, column: str, parent: str) -> Rule:
    return Rule(
        table.name,
        f"orphan_of_quarantined_{PARENTS[parent]}",
        f"the row of `{parent}` that `{column}` names is not quarantined itself",
        "reference",
        lambda context: are.is_orphan(column, context.clean[parent]),
        consequence=True,
    )


def _group_rules(table: Table) -> Iterator[Rule]:
    if table.name == "holdings":
        meaning = f"the shares of an account's owners add up to 1 (±{are.SHARES_TOLERANCE})"
        yield _rule(table, "owners_shares_not_one", meaning, are.has_owners_shares_off_one(), "group")


def _own_rules(table: Table) -> Iterator[Rule]:
    if table.name == "accounts":
        meaning = "`product` is named in the policy"
        yield Rule(
            "accounts",
            "unknown_product",
            meaning,
            "value",
            lambda context: are.is_not_among("product", context.products),
        )
    for column in _HAPPENED.get(table.name, ()):
        yield _after_ledger_rule(table, column)
    for name, meaning, expression in _OWN.get(table.name, ()):
        yield _rule(table, name, meaning, expression)


def _after_ledger_rule(table: Table, column: str) -> Rule:
    name, meaning = f"{column}_after_ledger", f"`{column}` is not after the last month of bookings and balances"
    return Rule(table.name, name, meaning, "value", lambda context: are.is_after(column, context.last_day))


# Nobody was born, joined or opened an account on a day that has not come; an end may be known beforehand.
_HAPPENED = {"customers": ("joined_on", "birth_date"), "accounts": ("opened_on",)}
_OWN: dict[str, tuple[tuple[str, str, pl.Expr], ...]] = {
    "branches": (
        ("monthly_overhead_negative", "`monthly_overhead` is not negative", are.is_negative("monthly_overhead")),
        ("counters_negative", "`counters` is not negative", are.is_negative("counters")),
        ("opening_hours_week_implausible", "`opening_hours_week` is 0 to 168", are.is_no_week("opening_hours_week")),
    ),
    "customers": (
        ("left_before_joined", "`left_on` is not before `joined_on`", are.is_before("left_on", "joined_on")),
        ("joined_before_birth", "`joined_on` is not before `birth_date`", are.is_before("joined_on", "birth_date")),
    ),
    "accounts": (
        ("closed_before_opened", "`closed_on` is not before `opened_on`", are.is_before("closed_on", "opened_on")),
    ),
    "holdings": (
        ("share_out_of_range", "`share` lies in 0 to 1", are.is_not_a_share("share")),
        ("authorised_with_share", "authorised users have a share of 0", are.is_authorised_with_share()),
    ),
    "transactions": (
        ("amount_zero", "`amount` is not 0", are.is_zero("amount")),
        (
            "amount_sign_contradicts_kind",
            "`amount` is positive for money that comes in and negative for money that goes out",
            are.contradicts_kind(),
        ),
    ),
    "balances": (
        (
            "interest_rate_annual_implausible",
            "`interest_rate_annual` is at most 1, which is 100%",
            are.is_implausible_rate("interest_rate_annual"),
        ),
        ("days_past_due_negative", "`days_past_due` is not negative", are.is_negative("days_past_due")),
    ),
    "service_events": (("minutes_negative", "`minutes` is not negative", are.is_negative("minutes")),),
    "contact_rules": (
        ("ends_before_starts", "`ends_on` is not before `starts_on`", are.is_before("ends_on", "starts_on")),
    ),
    "campaign_outcomes": (
        (
            "contacted_on_null",
            "`contacted_on` is given unless the response is `not_contacted`",
            are.is_contacted_without_date(),
        ),
        (
            "responded_before_contacted",
            "`responded_on` is not before `contacted_on`",
            are.is_before("responded_on", "contacted_on"),
        ),
    ),
    "relationship_managers": (
        ("weekly_contacts_negative", "`weekly_contacts` is not negative", are.is_negative("weekly_contacts")),
        ("portfolio_limit_negative", "`portfolio_limit` is not negative", are.is_negative("portfolio_limit")),
        ("hours_week_implausible", "`hours_week` is 0 to 168", are.is_no_week("hours_week")),
    ),
    "tariff_items": (("price_negative", "`price` is not negative", are.is_negative("price")),),
}

ROW_RULES: Mapping[str, tuple[Rule, ...]] = {name: rules_of(table) for name, table in TABLES.items()}

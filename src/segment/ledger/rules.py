"""Every row-level rule, by table: what `segment check` prints, what quarantine names, what the reference page lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from segment.ledger import predicates as are
from segment.ledger.contract import TABLES
from segment.ledger.schema import Column, Table
from segment.messages import Message

Stage = Literal["value", "reference", "key", "group"]
STAGES: tuple[Stage, ...] = ("value", "reference", "key", "group")

_UNREADABLE = {
    "text": "not_text",
    "date": "not_a_date",
    "month": "not_a_date",
    "number": "not_a_number",
    "time": "not_a_time",
    "integer": "not_an_integer",
    "boolean": "not_a_boolean",
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
    meaning : Message
        What must hold: `check.rule.*` of the catalogues.
    stage : {"value", "reference", "key", "group"}
        When it is asked: each stage sees only rows that passed the stages before it.
    broken : callable
        From the rule's context to an expression that is true where the rule is broken.
    consequence : bool
        Whether a row breaks it only because a row of another table was quarantined.
    """

    table: str
    name: str
    meaning: Message
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


def _must_hold(code: str, **figures: object) -> Message:
    return Message(f"check.rule.{code}", figures)


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in columns)


def _rule(table: Table, name: str, meaning: Message, expression: pl.Expr, stage: Stage = "value") -> Rule:
    return Rule(table.name, name, meaning, stage, lambda context: expression)


def _null_key_rules(table: Table) -> Iterator[Rule]:
    required = [column.name for column in table.columns if column.key and not column.nullable]
    if required:
        empty = pl.any_horizontal([are.is_null(name) for name in required])
        yield _rule(
            table,
            "null_key",
            _must_hold("given" if len(required) == 1 else "all_given", column=_listed(required)),
            empty,
        )


def _column_rules(table: Table) -> Iterator[Rule]:
    for column in table.columns:
        yield _unreadable_rule(table, column)
        if not column.nullable and not column.key:
            given = _must_hold("given", column=_listed([column.name]))
            yield _rule(table, f"{column.name}_null", given, are.is_null(column.name))
        if column.kind == "number":
            yield from _number_rules(table, column.name)
        if column.kind in ("date", "month"):
            yield from _date_rules(table, column)


def _unreadable_rule(table: Table, column: Column) -> Rule:
    code = "unknown" if column.values else _UNREADABLE[column.kind]
    name = f"unknown_{column.name}" if column.values else f"{column.name}_{code}"
    return _rule(table, name, _must_hold(code, column=column.name), are.is_unreadable(column.name))


def _number_rules(table: Table, column: str) -> Iterator[Rule]:
    yield _rule(table, f"{column}_not_finite", _must_hold("not_finite", column=column), are.is_not_finite(column))
    if column in _MONEY:
        meaning = _must_hold("too_large", column=column, most=f"{are.LARGEST_AMOUNT:.0e}")
        yield _rule(table, f"{column}_too_large", meaning, are.is_too_large(column))


def _date_rules(table: Table, column: Column) -> Iterator[Rule]:
    name = f"{column.name}_out_of_range"
    if column.name == "birth_date":
        yield _rule(table, name, _must_hold("birth_date_out_of_range"), are.is_no_birth_date(column.name))
        return
    yield _rule(table, name, _must_hold("out_of_range", column=column.name), are.is_out_of_range(column.name))
    if column.kind == "month":
        meaning = _must_hold("not_first_day", column=column.name)
        yield _rule(table, f"{column.name}_not_first_day", meaning, are.is_not_first_day(column.name))


def _key_rules(table: Table) -> Iterator[Rule]:
    if not table.key:
        return
    key = _listed(table.key)
    repeated = _must_hold("duplicate_key_repeated", column=key)
    conflicting = _must_hold("duplicate_key_conflicting", column=key)
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
        _must_hold("orphan", column=column, parent=parent),
        "reference",
        lambda context: are.is_orphan(column, context.given[parent]),
    )


def _orphan_of_quarantined_rule(table: Table, column: str, parent: str) -> Rule:
    return Rule(
        table.name,
        f"orphan_of_quarantined_{PARENTS[parent]}",
        _must_hold("orphan_of_quarantined", column=column, parent=parent),
        "reference",
        lambda context: are.is_orphan(column, context.clean[parent]),
        consequence=True,
    )


def _group_rules(table: Table) -> Iterator[Rule]:
    if table.name == "holdings":
        meaning = _must_hold("owners_shares_not_one", within=str(are.SHARES_TOLERANCE))
        yield _rule(table, "owners_shares_not_one", meaning, are.has_owners_shares_off_one(), "group")


def _own_rules(table: Table) -> Iterator[Rule]:
    if table.name == "accounts":
        yield Rule(
            "accounts",
            "unknown_product",
            _must_hold("unknown_product"),
            "value",
            lambda context: are.is_not_among("product", context.products),
        )
    for column in _HAPPENED.get(table.name, ()):
        yield _after_ledger_rule(table, column)
    for name, expression in _OWN.get(table.name, ()):
        column, negative, _ = name.partition("_negative")
        yield _rule(table, name, _must_hold("negative", column=column) if negative else _must_hold(name), expression)


def _after_ledger_rule(table: Table, column: str) -> Rule:
    meaning = _must_hold("after_ledger", column=column)
    return Rule(
        table.name, f"{column}_after_ledger", meaning, "value", lambda context: are.is_after(column, context.last_day)
    )


# Nobody was born, joined or opened an account on a day that has not come; an end may be known beforehand.
_HAPPENED = {"customers": ("joined_on", "birth_date"), "accounts": ("opened_on",)}
_OWN: dict[str, tuple[tuple[str, pl.Expr], ...]] = {
    "branches": (
        ("monthly_overhead_negative", are.is_negative("monthly_overhead")),
        ("counters_negative", are.is_negative("counters")),
        ("opening_hours_week_implausible", are.is_no_week("opening_hours_week")),
    ),
    "customers": (
        ("left_before_joined", are.is_before("left_on", "joined_on")),
        ("joined_before_birth", are.is_before("joined_on", "birth_date")),
    ),
    "accounts": (("closed_before_opened", are.is_before("closed_on", "opened_on")),),
    "holdings": (
        ("share_out_of_range", are.is_not_a_share("share")),
        ("authorised_with_share", are.is_authorised_with_share()),
    ),
    "transactions": (
        ("amount_zero", are.is_zero("amount")),
        ("amount_sign_contradicts_kind", are.contradicts_kind()),
    ),
    "balances": (
        ("interest_rate_annual_implausible", are.is_implausible_rate("interest_rate_annual")),
        ("days_past_due_negative", are.is_negative("days_past_due")),
    ),
    "service_events": (("minutes_negative", are.is_negative("minutes")),),
    "contact_rules": (("ends_before_starts", are.is_before("ends_on", "starts_on")),),
    "campaign_outcomes": (
        ("contacted_on_null", are.is_contacted_without_date()),
        ("responded_before_contacted", are.is_before("responded_on", "contacted_on")),
    ),
    "relationship_managers": (
        ("weekly_contacts_negative", are.is_negative("weekly_contacts")),
        ("portfolio_limit_negative", are.is_negative("portfolio_limit")),
        ("hours_week_implausible", are.is_no_week("hours_week")),
    ),
    "tariff_items": (("price_negative", are.is_negative("price")),),
}

ROW_RULES: Mapping[str, tuple[Rule, ...]] = {name: rules_of(table) for name, table in TABLES.items()}

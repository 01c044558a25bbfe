"""Every table and column of a ledger, as data: the checks, the readers and the reference pages are made from it."""

from __future__ import annotations

from segment.ledger.schema import Column, ColumnKind, Table
from segment.ledger.vocabulary import (
    CHANNELS,
    CONTACT_RULES,
    KINDS,
    RESPONSES,
    ROLES,
    SERVICE_CHANNELS,
    TOTAL_LINES,
)


def _number(name: str, meaning: str, *, nullable: bool = False) -> Column:
    return Column(name, "number", meaning, nullable=nullable)


def _reference(name: str, table: str, meaning: str, *, key: bool = False) -> Column:
    return Column(name, "text", meaning, key=key, references=table)


def _extra(name: str, meaning: str, kind: ColumnKind = "text") -> Column:
    return Column(name, kind, meaning, nullable=True, optional=True)


_BRANCHES = Table(
    "branches",
    "the outlets",
    (
        Column("branch_id", "text", "the outlet", key=True),
        Column("name", "text", "what people call it"),
        _extra("kind", "type of outlet, to pool small outlets with their like"),
        _extra("region", "where it is"),
        _extra("monthly_overhead", "cost of the outlet in a month, book currency", "number"),
        _extra("counters", "counters that are open at the same time", "integer"),
        _extra("opening_hours_week", "hours in a week that the counters are open", "number"),
    ),
)
_CUSTOMERS = Table(
    "customers",
    "the people the bank serves",
    (
        Column("customer_id", "text", "the customer, an opaque id", key=True),
        _reference("branch_id", "branches", "home outlet"),
        Column("joined_on", "date", "start of the relation"),
        _extra("left_on", "end of the relation; empty: still here", "date"),
        _extra("birth_date", "for law, protection, levers and audits, never a feature", "date"),
        _extra("sex", "for audits only, never a feature"),
        _extra("region", "for audits only, never a feature"),
        _extra("household_id", "people who keep house together"),
        _extra("life_stage", "stage of life, as the bank codes it"),
        _extra("occupation", "occupation, as the bank codes it"),
        _extra("is_staff", "works for the bank", "boolean"),
    ),
)
_ACCOUNTS = Table(
    "accounts",
    "what customers hold",
    (
        Column("account_id", "text", "the account, an opaque id", key=True),
        Column("product", "text", "a product named in the policy"),
        _reference("branch_id", "branches", "outlet that keeps the account"),
        Column("opened_on", "date", "first day"),
        Column("closed_on", "date", "last day; empty: open", nullable=True),
        _extra(
            "matures_on", "day on which a deposit's term ends, for the dated reasons of lists, never a feature", "date"
        ),
    ),
)
_HOLDINGS = Table(
    "holdings",
    "who holds which account",
    (
        _reference("account_id", "accounts", "the account", key=True),
        _reference("customer_id", "customers", "the holder", key=True),
        Column("role", "text", "in what capacity", values=ROLES),
        _number("share", "part of the account, 0 to 1; owners' shares add up to 1, authorised users have 0"),
    ),
)
_TRANSACTIONS = Table(
    "transactions",
    "every booking",
    (
        Column("transaction_id", "text", "the booking, an opaque id", key=True),
        _reference("account_id", "accounts", "the account it is booked on"),
        Column("booked_on", "date", "day of booking"),
        _number("amount", "book currency, not 0; positive comes in, negative goes out"),
        Column("kind", "text", "what was booked", values=KINDS, as_enum=True),
        Column("channel", "text", "how it reached the bank", values=CHANNELS, as_enum=True),
        Column(
            "counterparty_bank",
            "text",
            "code of the bank at the other end; empty: this bank or not known",
            nullable=True,
        ),
    ),
    dated_by="booked_on",
)
_BALANCES = Table(
    "balances",
    "every account's month",
    (
        _reference("account_id", "accounts", "the account", key=True),
        Column("month", "month", "the month's first day", key=True),
        _number("average_balance", "mean of the month's days, book currency; debts are negative"),
        _number("closing_balance", "at the month's end, book currency; debts are negative"),
        _number(
            "interest_rate_annual",
            "what the customer earns or pays, 0.03 for 3%; empty: the policy's rate for the product",
            nullable=True,
        ),
        _extra("days_past_due", "for expected credit loss", "integer"),
    ),
    dated_by="month",
)
_SERVICE_EVENTS = Table(
    "service_events",
    "work that is no transaction: visits, calls, adviser meetings",
    (
        Column("event_id", "text", "the event, an opaque id", key=True),
        _reference("customer_id", "customers", "whom it served"),
        Column("occurred_on", "date", "day of the event"),
        Column("channel", "text", "how it reached the bank", values=SERVICE_CHANNELS, as_enum=True),
        _number("minutes", "how long it took; empty: not known", nullable=True),
        _extra("occurred_at", "local time of day of the event, for the arrivals by hour", "time"),
    ),
    optional=True,
    dated_by="occurred_on",
)
_MAIN_BANK_LABELS = Table(
    "main_bank_labels",
    "where the main bank is, from a survey, open banking or an adviser's note",
    (
        _reference("customer_id", "customers", "whom it is about", key=True),
        Column("observed_on", "date", "day of the observation", key=True),
        Column("main_bank_here", "boolean", "whether this bank is the main bank"),
        _number(
            "wallet_elsewhere_12m",
            "contribution the customer is thought to give other banks in a year, book currency",
            nullable=True,
        ),
        Column("source", "text", "where the observation comes from", key=True),
    ),
    optional=True,
    dated_by="observed_on",
)
# No key: a rule told twice protects as well as once, and no doubt about one may lift its protection.
_CONTACT_RULES = Table(
    "contact_rules",
    "whom not to contact, and whom not to charge",
    (
        _reference("customer_id", "customers", "whom it protects"),
        Column("rule", "text", "what holds", values=CONTACT_RULES),
        Column("starts_on", "date", "first day"),
        Column("ends_on", "date", "last day; empty: until further notice", nullable=True),
        Column("channel", "text", "the channel it closes; empty: every channel", nullable=True),
    ),
    optional=True,
)
_CAMPAIGN_OUTCOMES = Table(
    "campaign_outcomes",
    "what came of a list",
    (
        Column("list_id", "text", "the list", key=True),
        _reference("customer_id", "customers", "who was on it", key=True),
        Column("contacted_on", "date", "day of contact; empty only where not contacted", key=True, nullable=True),
        Column("response", "text", "what came of it", values=RESPONSES),
        Column("responded_on", "date", "day of the response; empty: none", nullable=True),
    ),
    optional=True,
    dated_by="contacted_on",
)
_LEDGER_TOTALS = Table(
    "ledger_totals",
    "the general ledger's totals, for reconciliation",
    (
        Column("line", "text", "line of contribution", key=True, values=TOTAL_LINES),
        _reference("branch_id", "branches", "the outlet", key=True),
        Column("month", "month", "the month's first day", key=True),
        _number("amount", "book currency, from the bank's side"),
    ),
    optional=True,
    dated_by="month",
)
_RELATIONSHIP_MANAGERS = Table(
    "relationship_managers",
    "who can call customers, and how many",
    (
        Column("rm_id", "text", "the relationship manager, an opaque id", key=True),
        _reference("branch_id", "branches", "outlet"),
        Column("weekly_contacts", "integer", "contacts in a week"),
        Column("portfolio_limit", "integer", "customers in a portfolio"),
        _extra("name", "what people call the manager"),
        _extra("hours_week", "hours of work in a week", "number"),
        _extra("skills", "what the manager can do, with ; between"),
    ),
    optional=True,
)
_TARIFF_ITEMS = Table(
    "tariff_items",
    "the published tariff",
    (
        Column("item_code", "text", "the item", key=True),
        _number("price", "book currency"),
        Column("public_since", "date", "day of publication"),
        Column("legal_basis", "text", "the rule that allows it", nullable=True),
        _extra("name", "what people call the item"),
    ),
    optional=True,
)
_SUPPRESSION_SOURCES = Table(
    "suppression_sources",
    "how fresh the lists of protected customers are",
    (
        Column("source", "text", "the list", key=True),
        Column("refreshed_on", "date", "day it was last refreshed"),
    ),
    optional=True,
)

# Parents stand before the tables that name them: rows are checked in this order.
TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _BRANCHES,
        _CUSTOMERS,
        _ACCOUNTS,
        _HOLDINGS,
        _TRANSACTIONS,
        _BALANCES,
        _SERVICE_EVENTS,
        _MAIN_BANK_LABELS,
        _CONTACT_RULES,
        _CAMPAIGN_OUTCOMES,
        _LEDGER_TOTALS,
        _RELATIONSHIP_MANAGERS,
        _TARIFF_ITEMS,
        _SUPPRESSION_SOURCES,
    )
}

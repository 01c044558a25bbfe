"""The store's tables: what people hand in, what was drawn and listed, and what is recorded of it."""

# A column or table is added here and by a migration of `migrations/versions`; a test holds the two to each other.

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl
import sqlalchemy as sa

METADATA = sa.MetaData()

_TYPES: dict[type[pl.DataType], type[sa.types.TypeEngine[Any]]] = {
    pl.String: sa.Text,
    pl.Date: sa.Date,
    pl.Boolean: sa.Boolean,
    pl.Int64: sa.BigInteger,
    pl.Float64: sa.Double,
}


@dataclass(frozen=True)
class StoredTable:
    """A table of rows, each of which names a customer."""

    name: str
    schema: dict[str, type[pl.DataType]]  # Columns and types; `customer_id` is one of them
    key: tuple[str, ...]  # What a row is found again by
    asked_by: tuple[str, ...] = ()  # Columns that rows are looked up by, beside the key: each costs an index
    sql: sa.Table = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Describe the table to the database."""
        key, asked_by = self.key, self.asked_by
        columns = [
            sa.Column(name, _TYPES[dtype](), primary_key=name in key, nullable=name not in key, index=name in asked_by)
            for name, dtype in self.schema.items()
        ]
        object.__setattr__(self, "sql", sa.Table(self.name, METADATA, *columns))


OUTCOMES = StoredTable(
    "outcomes",
    {
        "list_id": pl.String,
        "customer_id": pl.String,
        "contacted_on": pl.Date,
        "response": pl.String,
        "responded_on": pl.Date,
        "do_not_contact": pl.Boolean,
        "wallet_feedback": pl.String,
    },
    ("list_id", "customer_id"),
    ("customer_id",),
)
OBJECTIONS = StoredTable(
    "objections",
    {"customer_id": pl.String, "against": pl.String, "made_on": pl.Date, "withdrawn_on": pl.Date},
    ("customer_id", "against"),
)
REVIEWS = StoredTable(
    "reviews",
    {
        "review_id": pl.String,
        "customer_id": pl.String,
        "branch_id": pl.String,
        "action": pl.String,
        "item_code": pl.String,
        "as_of": pl.Date,
        "author": pl.String,
        "proposed_on": pl.Date,
        "decision": pl.String,
        "reviewer": pl.String,
        "decided_on": pl.Date,
        "why": pl.String,
        "price": pl.Float64,
        "alternative": pl.String,
        "starts_on": pl.Date,
        "reversible_until": pl.Date,
        "notice_on": pl.Date,
        "notice_evidence": pl.String,
        "accepted_on": pl.Date,
        "handed_over_on": pl.Date,
        "withdrawn_on": pl.Date,
        "withdrawn_by": pl.String,
        "withdrawn_why": pl.String,
        "refunded_on": pl.Date,
    },
    ("review_id",),
    ("customer_id", "branch_id"),
)
OVERRIDES = StoredTable("overrides", {"subject": pl.String, "customer_id": pl.String}, ("subject",))
"""Whom the records of overrides mean: they hold `subject`, a keyed hash, and no id."""
DRAWS = StoredTable(
    "control_draws",
    {
        "salt": pl.String,
        "programme": pl.String,
        "customer_id": pl.String,
        "control": pl.Boolean,
        "drawn_on": pl.Date,
    },
    ("salt", "programme", "customer_id"),
)
"""`salt`: what the secret is known by, never the secret itself."""
ENROLMENTS = StoredTable(
    "trial_enrolments",
    {
        "trial": pl.String,
        "customer_id": pl.String,
        "household": pl.String,
        "branch_id": pl.String,
        "tier": pl.String,
        "way": pl.String,
        "arm": pl.String,
        "stratum": pl.String,
        "share": pl.Float64,
        "enrolled_on": pl.Date,
        "until": pl.Date,
        "drawn": pl.Boolean,
        "cost_12m": pl.Float64,
    },
    ("trial", "customer_id"),
)
LIST_ROWS = StoredTable(
    "list_rows",
    {
        "list_id": pl.String,
        "customer_id": pl.String,
        "rank": pl.Int64,
        "branch_id": pl.String,
        "tier": pl.String,
        "target_tier": pl.String,
        "main_bank_elsewhere": pl.Boolean,
        "upgrade_potential_12m": pl.Float64,
        "conversion_probability": pl.Float64,
        "expected_gain_12m": pl.Float64,
        "contact_cost": pl.Float64,
        "expected_net_gain_12m": pl.Float64,
        "bundle": pl.String,
        "channel": pl.String,
        "reason_1": pl.String,
        "reason_2": pl.String,
        "reason_3": pl.String,
        "arm": pl.String,
        "expires_on": pl.Date,
        "model_version": pl.String,
        "policy_version": pl.String,
        "lever": pl.String,
        "lever_gain_12m": pl.Float64,
        "programme": pl.String,
        "bundle_name": pl.String,
        "rm_id": pl.String,
        "say": pl.String,
        "do_not_say": pl.String,
        "household": pl.String,
        "stratum": pl.String,
        "list_on": pl.Date,
        "expected_net_value": pl.Float64,
        "value_horizon_months": pl.Int64,
        "owner": pl.String,
        "cluster": pl.Int64,
        "movable_probability": pl.Float64,
        "trigger": pl.String,
        "trigger_on": pl.Date,
        "trigger_amount": pl.Float64,
        "trigger_evidence": pl.Float64,
    },
    ("list_id", "customer_id"),
    ("customer_id", "branch_id", "programme"),
)
"""Both arms of every list; `rank` orders them."""
RELEASED = StoredTable(
    "released_rows",
    {
        "sha256": pl.String,
        "customer_id": pl.String,
        "channel": pl.String,
        "bundle": pl.String,
        "expires_on": pl.Date,
    },
    ("sha256", "customer_id"),
)
"""Who stands in a released file, by the hash of its bytes; by this the file is checked at contact time."""
OUTCOME_CLICKS = StoredTable(
    "outcome_clicks",
    {
        "click_id": pl.String,
        "list_id": pl.String,
        "customer_id": pl.String,
        "before": pl.String,
        "after": pl.String,
        "clicked_by": pl.String,
        "clicked_on": pl.Date,
    },
    ("click_id",),
)
"""Outcomes that were said by a click, and what stood before and after (JSON), so that a click can be taken back."""
TABLES = (OUTCOMES, OBJECTIONS, REVIEWS, OVERRIDES, DRAWS, ENROLMENTS, LIST_ROWS, RELEASED, OUTCOME_CLICKS)

WEB_USERS = sa.Table(
    "web_users",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("branches", sa.Text, nullable=False),  # JSON: empty means the whole bank
    sa.Column("rm_id", sa.Text),  # Of an adviser
    sa.Column("password_hash", sa.Text),  # Argon2; none: the one-time link was not used yet
    sa.Column("is_active", sa.Boolean, nullable=False),
)
SIGN_IN_LINKS = sa.Table(
    "sign_in_links",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),  # SHA-256 of the code
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
)
"""One-time links by which a user sets a password."""
WEB_SESSIONS = sa.Table(
    "web_sessions",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),  # SHA-256 of the cookie
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("csrf", sa.Text, nullable=False),
    sa.Column("started_at", sa.Text, nullable=False),
    sa.Column("seen_at", sa.Text, nullable=False),
)
API_TOKENS = sa.Table(
    "api_tokens",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),  # SHA-256 of the token
    sa.Column("name", sa.Text, nullable=False),  # Whose it is
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),  # JSON
    sa.Column("expires_at", sa.Text, nullable=False),
)
IDEMPOTENT_WRITES = sa.Table(
    "idempotent_writes",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),  # SHA-256 of who and the key that they sent
    sa.Column("request", sa.Text, nullable=False),  # SHA-256 of what they asked
    sa.Column("answer", sa.Text, nullable=False),  # JSON: counts, no customer
    sa.Column("written_at", sa.Text, nullable=False),
)
SAVED_VIEWS = sa.Table(
    "saved_views",
    METADATA,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, nullable=False),  # Filters and a sort
)

LISTS = sa.Table(
    "lists",
    METADATA,
    sa.Column("list_id", sa.Text, primary_key=True),
    sa.Column("report", sa.Text, nullable=False),  # JSON: counts and prices, no customer
)
RECORD = sa.Table(
    "record",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("written_at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, index=True),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("sha256_before", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("content_mac", sa.Text, nullable=False),
    sa.Column("mac", sa.Text, nullable=False),
)
TOMBSTONES = sa.Table(
    "tombstones",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # In the order of the erasures
    sa.Column("customer", sa.Text, nullable=False, unique=True),
    sa.Column("accounts", sa.Text, nullable=False),  # JSON: keyed hashes
    sa.Column("erased_on", sa.Text, nullable=False),
)
ACTS = sa.Table(
    "acts",
    METADATA,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("content", sa.Text, nullable=False),  # JSON: what is needed to end it, or to take it back
)
"""Acts that go on outside the store, such as a file that gets its name; one that is still here was cut off."""
FACTS = sa.Table(
    "facts",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""Of the store itself: the workspace that it belongs to."""

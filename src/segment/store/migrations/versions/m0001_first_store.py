"""The first store: rows, draws, lists, records, tombstones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    """Make the tables."""
    _handed_in()
    _drawn()
    _listed()
    _recorded()


def _handed_in() -> None:
    """What people hand in."""
    op.create_table(
        "objections",
        sa.Column("customer_id", sa.Text(), primary_key=True),
        sa.Column("against", sa.Text(), primary_key=True),
        sa.Column("made_on", sa.Date()),
        sa.Column("withdrawn_on", sa.Date()),
    )
    op.create_table(
        "outcomes",
        sa.Column("list_id", sa.Text(), primary_key=True),
        sa.Column("customer_id", sa.Text(), primary_key=True),
        sa.Column("contacted_on", sa.Date()),
        sa.Column("response", sa.Text()),
        sa.Column("responded_on", sa.Date()),
        sa.Column("do_not_contact", sa.Boolean()),
        sa.Column("wallet_feedback", sa.Text()),
    )
    op.create_table(
        "overrides",
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("customer_id", sa.Text()),
    )
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.Text(), primary_key=True),
        sa.Column("customer_id", sa.Text()),
        sa.Column("branch_id", sa.Text()),
        sa.Column("action", sa.Text()),
        sa.Column("item_code", sa.Text()),
        sa.Column("as_of", sa.Date()),
        sa.Column("author", sa.Text()),
        sa.Column("proposed_on", sa.Date()),
        sa.Column("decision", sa.Text()),
        sa.Column("reviewer", sa.Text()),
        sa.Column("decided_on", sa.Date()),
        sa.Column("why", sa.Text()),
        sa.Column("price", sa.Double()),
        sa.Column("alternative", sa.Text()),
        sa.Column("starts_on", sa.Date()),
        sa.Column("reversible_until", sa.Date()),
        sa.Column("notice_on", sa.Date()),
        sa.Column("notice_evidence", sa.Text()),
        sa.Column("accepted_on", sa.Date()),
        sa.Column("handed_over_on", sa.Date()),
        sa.Column("withdrawn_on", sa.Date()),
        sa.Column("withdrawn_by", sa.Text()),
        sa.Column("withdrawn_why", sa.Text()),
        sa.Column("refunded_on", sa.Date()),
    )


def _drawn() -> None:
    """Arms of lists and of trials."""
    op.create_table(
        "control_draws",
        sa.Column("salt", sa.Text(), primary_key=True),
        sa.Column("programme", sa.Text(), primary_key=True),
        sa.Column("customer_id", sa.Text(), primary_key=True),
        sa.Column("control", sa.Boolean()),
        sa.Column("drawn_on", sa.Date()),
    )
    op.create_table(
        "trial_enrolments",
        sa.Column("trial", sa.Text(), primary_key=True),
        sa.Column("customer_id", sa.Text(), primary_key=True),
        sa.Column("household", sa.Text()),
        sa.Column("branch_id", sa.Text()),
        sa.Column("tier", sa.Text()),
        sa.Column("way", sa.Text()),
        sa.Column("arm", sa.Text()),
        sa.Column("stratum", sa.Text()),
        sa.Column("share", sa.Double()),
        sa.Column("enrolled_on", sa.Date()),
        sa.Column("until", sa.Date()),
        sa.Column("drawn", sa.Boolean()),
        sa.Column("cost_12m", sa.Double()),
    )


def _listed() -> None:
    """Lists, and who stands in a file that left."""
    op.create_table(
        "list_rows",
        sa.Column("list_id", sa.Text(), primary_key=True),
        sa.Column("customer_id", sa.Text(), primary_key=True),
        sa.Column("rank", sa.BigInteger()),
        sa.Column("branch_id", sa.Text()),
        sa.Column("tier", sa.Text()),
        sa.Column("target_tier", sa.Text()),
        sa.Column("main_bank_elsewhere", sa.Boolean()),
        sa.Column("upgrade_potential_12m", sa.Double()),
        sa.Column("conversion_probability", sa.Double()),
        sa.Column("expected_gain_12m", sa.Double()),
        sa.Column("contact_cost", sa.Double()),
        sa.Column("expected_net_gain_12m", sa.Double()),
        sa.Column("bundle", sa.Text()),
        sa.Column("channel", sa.Text()),
        sa.Column("reason_1", sa.Text()),
        sa.Column("reason_2", sa.Text()),
        sa.Column("reason_3", sa.Text()),
        sa.Column("arm", sa.Text()),
        sa.Column("expires_on", sa.Date()),
        sa.Column("model_version", sa.Text()),
        sa.Column("policy_version", sa.Text()),
        sa.Column("lever", sa.Text()),
        sa.Column("lever_gain_12m", sa.Double()),
        sa.Column("programme", sa.Text()),
        sa.Column("bundle_name", sa.Text()),
        sa.Column("rm_id", sa.Text()),
        sa.Column("say", sa.Text()),
        sa.Column("do_not_say", sa.Text()),
        sa.Column("household", sa.Text()),
        sa.Column("stratum", sa.Text()),
        sa.Column("list_on", sa.Date()),
    )
    op.create_table(
        "lists",
        sa.Column("list_id", sa.Text(), primary_key=True),
        sa.Column("report", sa.Text(), nullable=False),
    )
    op.create_table(
        "released_rows",
        sa.Column("sha256", sa.Text(), primary_key=True),
        sa.Column("customer_id", sa.Text(), primary_key=True),
        sa.Column("channel", sa.Text()),
        sa.Column("bundle", sa.Text()),
        sa.Column("expires_on", sa.Date()),
    )


def _recorded() -> None:
    """Records, tombstones, acts that go on, facts of the store."""
    op.create_table(
        "acts",
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "record",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("written_at", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256_before", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content_mac", sa.Text(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
    )
    op.create_table(
        "tombstones",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("customer", sa.Text(), nullable=False, unique=True),
        sa.Column("accounts", sa.Text(), nullable=False),
        sa.Column("erased_on", sa.Text(), nullable=False),
    )
    op.create_index("ix_record_kind", "record", ["kind"])

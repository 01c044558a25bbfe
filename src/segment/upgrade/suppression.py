"""Who must not be contacted, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from segment.dates import today, younger_than
from segment.exceptions import SuppressionError
from segment.ledger.protection import FOR_GOOD, objection_stands, rule_in_force
from segment.ledger.vocabulary import SERVICE_CHANNELS
from segment.messages import Message
from segment.policy.contacts import Upgrade
from segment.upgrade.contacts_made import by_contacts, contacts_made

# A row that several rules keep out is counted under the first of them (DOMAIN.md 3.2, hard first).
HARDEST_FIRST = (
    "deceased",
    "unknown_customer",
    "in_doubt",
    "left",
    "minor",
    "age_unknown",
    "litigation",
    "aml_hold",
    "fraud_victim",
    "vulnerable",
    "complaint",
    "hardship",
    "in_arrears",
    "no_consent",
    "opt_out",
    "profiling_objection",
    "marketing_objection",
    "do_not_contact",
    "do_not_call",
    "declined",
    "recently_contacted",
    "contact_cap",
    "call_cap",
    "same_bundle",
    "basic_account",
    "fee_exempt",
    "staff",
)


def suppressed(
    tables: Mapping[str, pl.DataFrame],
    policy: Upgrade,
    list_on: dt.date,
    *,
    expires_on: dt.date | None = None,
    kept_outcomes: pl.DataFrame | None = None,
    objections: pl.DataFrame | None = None,
    past_lists: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Find everyone whom a rule keeps out on any day of the list's life."""
    # Returns `customer_id`, `channel` (null: every channel), `code`; a customer may stand more than once.
    # Source: DOMAIN.md 3.2. GDPR art. 21(2) and (3): after an objection to direct marketing nothing is processed for
    # it.
    last = expires_on or list_on + dt.timedelta(days=policy.list_expires_after_days)
    handed_in = _empty_outcomes() if kept_outcomes is None else kept_outcomes
    made = contacts_made(tables["campaign_outcomes"], kept_outcomes, past_lists)
    rows = [
        _by_contact_rule(tables["contact_rules"], policy, list_on, last),
        _by_refusal(tables["campaign_outcomes"], handed_in, policy, list_on),
        by_contacts(made, policy, list_on),
        _by_person(tables["customers"], policy, list_on, last),
    ]
    if objections is not None:
        rows.append(_by_objection(objections, list_on))
    return pl.concat(rows).unique(maintain_order=True)


def require_fresh_sources(sources: pl.DataFrame, policy: Upgrade, list_on: dt.date) -> None:
    """Refuse a list where a source of suppressions is missing or older than the policy allows."""
    missing = [name for name in policy.contact_rules.needed_sources if name not in set(sources["source"])]
    if missing:
        raise SuppressionError.of(
            "errors.suppression_sources", needed=policy.contact_rules.needed_sources, missing=missing
        )
    oldest = list_on - dt.timedelta(days=policy.suppression_source_max_age_days)
    # a day that has not come says nothing of when it was refreshed
    days = pl.col("refreshed_on")
    unread = (days.is_null() | (days > max(list_on, today()))).any()
    newest = sources.group_by("source", maintain_order=True).agg(pl.when(~unread).then(days.max())).sort("source")
    stale = newest.filter(pl.col("refreshed_on").is_null() | (pl.col("refreshed_on") < oldest))
    if stale.height:
        unreadable = Message("errors.no_day_that_came")
        listed = [
            Message("errors.refreshed_on", {"source": source, "day": day or unreadable})
            for source, day in stale.iter_rows()
        ]
        raise SuppressionError.of(
            "errors.suppression_stale", days=policy.suppression_source_max_age_days, list_on=list_on, listed=listed
        )


def _by_contact_rule(rules: pl.DataFrame, policy: Upgrade, list_on: dt.date, expires_on: dt.date) -> pl.DataFrame:
    rule = pl.col("rule").cast(pl.String)
    rests = {"complaint": policy.complaint_rest_days, "fraud_victim": policy.contact_rules.fraud_rest_days}
    rest = rule.replace_strict(rests, default=0, return_dtype=pl.Int64)
    for_good = rule.is_in(FOR_GOOD)  # no policy may leave these out, and no channel opens them again
    applies = rule.is_in(policy.keeps_out) | for_good
    # a channel in a word that nobody knows may be any: it closes them all
    channel = pl.col("channel").cast(pl.String).str.strip_chars().str.to_lowercase()
    is_known = channel.is_in([*SERVICE_CHANNELS, *(name.lower() for name in policy.channels)])
    named = channel.replace({name.lower(): name for name in policy.channels})
    in_force = rules.filter(applies & rule_in_force(list_on, expires_on, rest)).select(
        "customer_id",
        channel=pl.when(is_known & ~for_good).then(named).otherwise(pl.lit(None, pl.String)),
        code=rule,
    )
    calls = pl.DataFrame({"call": policy.contact_rules.call_channels}, schema={"call": pl.String})
    whole = in_force.filter((pl.col("code") == "do_not_call") & pl.col("channel").is_null())
    closed = whole.join(calls, how="cross").select("customer_id", channel="call", code="code")
    return pl.concat([in_force.join(whole, on=in_force.columns, how="anti", nulls_equal=True), closed])


def _by_refusal(outcomes: pl.DataFrame, handed_in: pl.DataFrame, policy: Upgrade, on: dt.date) -> pl.DataFrame:
    answered_on = pl.coalesce("responded_on", "contacted_on")
    columns = ("customer_id", "response", "contacted_on", "responded_on")
    of_ledger = outcomes.select(columns).with_columns(pl.col("response").cast(pl.String))
    answers = pl.concat([of_ledger.filter(answered_on.is_null() | (answered_on <= on)), handed_in.select(columns)])
    resting = answered_on.is_null() | (answered_on + pl.duration(days=policy.refusal_rest_days) > on)
    declined = answers.filter((pl.col("response") == "declined") & resting).with_columns(code=pl.lit("declined"))
    never = handed_in.filter(pl.col("do_not_contact")).with_columns(code=pl.lit("do_not_contact"))
    return pl.concat([_everywhere(declined), _everywhere(never)])


def _by_objection(objections: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    standing = objections.filter(objection_stands(on))
    return _everywhere(standing.with_columns(code=pl.format("{}_objection", pl.col("against").fill_null("any"))))


def _by_person(customers: pl.DataFrame, policy: Upgrade, on: dt.date, expires_on: dt.date) -> pl.DataFrame:
    born = pl.col("birth_date")
    minor = customers.filter(younger_than(born, policy.minor_below_years, on)).with_columns(code=pl.lit("minor"))
    ageless = customers.filter(born.is_null() & policy.contact_rules.missing_birth_date_keeps_out)
    staff = customers.filter(pl.col("is_staff")).with_columns(code=pl.lit("staff"))
    left = customers.filter(pl.col("left_on") <= expires_on).with_columns(code=pl.lit("left"))
    unknown = ageless.with_columns(code=pl.lit("age_unknown"))
    return pl.concat([_everywhere(part) for part in (minor, unknown, staff, left)])


def _everywhere(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("customer_id", channel=pl.lit(None, pl.String), code=pl.col("code"))


def _empty_outcomes() -> pl.DataFrame:
    columns = {"customer_id": pl.String, "response": pl.String, "contacted_on": pl.Date, "responded_on": pl.Date}
    return pl.DataFrame(schema={**columns, "do_not_contact": pl.Boolean})

"""A card's sections, from its facts; the order is that of DOMAIN.md 4.3."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from segment.jobs.card.blocks import Block, Heading, Picture, Table, Text
from segment.jobs.card.fairness import card_fairness
from segment.jobs.card.findings import findings

Facts = Mapping[str, Any]


def sections(facts: Facts, pictures: Mapping[str, Picture], record: Mapping[str, str]) -> list[Block]:
    """Say everything that a card says.

    Parameters
    ----------
    facts : mapping
        What `gather` returns.
    pictures : mapping of str to Picture
        By section; none for a page without pictures.
    record : mapping of str to str
        What the registry knows of the version: number, developer, approval; empty before it is registered.

    Returns
    -------
    list of Block
    """
    return [
        *_identity(facts, record),
        *_purpose(),
        *_data(facts),
        *_method(facts),
        *findings(facts, pictures),
        *_limits(facts),
        *_changes(facts),
        *_review(facts, record),
    ]


def _identity(facts: Facts, record: Mapping[str, str]) -> list[Block]:
    params = facts["params"]
    version = record.get("version", "given when it is registered")
    rows = [
        ["version", version],
        ["spec", f"`{facts['name']}`, hash `{params['spec_hash'][:12]}`"],
        ["owner", facts["owner"]],
        ["materiality", "high: tiers decide the service of every customer and who is contacted"],
        ["trained as of", params["as_of"]],
        ["policy", f"{params['policy']}, hash `{params['policy_hash'][:12]}`"],
        ["features hash", f"`{params['features_hash'][:12]}`"],
        ["ledger hash", f"`{params['ledger_hash'][:12]}`"],
    ]
    title = f"Model card: {facts['name']}" + (f", version {version}" if "version" in record else "")
    return [Heading(title, 1), Text(facts["description"]), Table(["", ""], rows)]


def _purpose() -> list[Block]:
    return [
        Heading("Purpose"),
        Text(
            "Places the customers of a bank into four tiers of value to their branch, flags break-even customers whose "
            "main bank is elsewhere, and ranks who to contact."
        ),
        Text(
            "**Not for**: credit decisions; fees or closures without a person's review; the price of one customer; any "
            "decision about staff as employees."
        ),
    ]


def _data(facts: Facts) -> list[Block]:
    params, features = facts["params"], facts["features"]
    moments = params["moments"].replace(",", ", ")
    return [
        Heading("Data"),
        Text(
            f"{params['rows']:,} rows of {params['customers']:,} customers at the moments {moments} and "
            f"{params['as_of']}. Target: full contribution of the {params['horizon_months']} months after each moment, "
            f"in {facts['currency']}, known for the earlier moments alone. Nothing dated after {params['as_of']} was "
            "seen."
        ),
        Text(
            f"Excluded: customers of fewer than {facts['new_below_months']} months, staff and deceased from clusters; "
            "rows of the ledger that break a rule of its contract, set aside under the rule's name. Birth date, sex "
            "and region are no features."
        ),
        Table(["table", "SHA-256 of its rows"],
              [[f"`{name}`", f"`{value}`"] for name, value in facts["hashes"].items()],
              folded="Hashes of the ledger's tables"),
        Table(["family", "features"], list(features["families"].items())),
        Table(["feature", "unit", "meaning", "made from"], features["listed"],
              folded=f"The {features['count']} features of the forecast and where they come from"),
    ]  # fmt: skip


def _method(facts: Facts) -> list[Block]:
    method = facts["method"]
    blend = ", ".join(f"{name.replace('_', ' ')} {weight:.0%}" for name, weight in method["learners"].items())
    labels = method["main_bank_labels"]
    main_bank = (
        f"the scorecard, corrected by {labels} labels"
        if labels
        else "an expert's scorecard, not yet checked against labels"
    )
    wallet = (
        "quantile regression learned from customers whose main bank is here; never below what links prove"
        if method["wallets"]
        else "what links prove alone; too few customers are known to have their main bank here"
    )
    return [
        Heading("Method"),
        Text(f"**Future value**: boosted trees that correct a simpler forecast, blended out of fold "
             f"({blend}); quantiles calibrated on customers not seen."),
        Text(f"**Main bank**: {main_bank}. **Wallet elsewhere**: {wallet}."),
        Text(f"**Tiers**: k-means in coordinates that know the policy's borders, {method['clusters']} clusters; each "
             "takes the tier of its pooled figures, and a customer whose own figures contradict it keeps their own."),
        Text("**Assumptions**: costs, margins and transfer rates of the policy hold for the year ahead; outcomes of "
             "past moments say something of the next ones; where several persons hold an account, its figures are "
             "shared as the ledger says."),
    ]  # fmt: skip


def _limits(facts: Facts) -> list[Block]:
    return [
        Heading("Limits"),
        Text(
            'Where no link to another bank is seen, "main bank elsewhere" is not claimed: the answer is `unknown`. '
            "The wallet elsewhere is an estimate of little precision: use it to rank, not to quote. A bank that "
            "changes its tariff or its costs must train again before it trusts the forecast."
        ),
        *card_fairness(facts),
    ]


def _changes(facts: Facts) -> list[Block]:
    changes = facts["changes"]
    if changes is None:
        return [Heading("Change log"), Text("The first version: there was no champion to compare with.")]
    rows = [[f"`{name}`", _short(before), _short(now)] for name, (before, now) in changes["params"].items()]
    said = f"Against version {changes['champion']}, champion when this one was trained:"
    return [Heading("Change log"), Text(said), Table(["parameter", "champion", "this version"], rows)]


def _short(value: str | None) -> str | None:
    return f"{value[:12]}…" if value and len(value) == 64 else value


def _review(facts: Facts, record: Mapping[str, str]) -> list[Block]:
    as_of = dt.date.fromisoformat(str(facts["params"]["as_of"]))
    year_on = (as_of.replace(day=1) + dt.timedelta(days=366)).replace(day=1).isoformat()
    approved = record.get("approved_by") or "not recorded; to be a person other than the developer"
    rows = [
        ["developer", record.get("developer") or "not recorded"],
        ["approver", approved],
        ["promotion", record.get("promoted_because") or "not promoted by a person"],
        ["gates overruled", record.get("promoted_over") or "none"],
        ["next review", f"by {year_on}, or when a gate fails"],
        [
            "fallback",
            "`segment rollback` brings the last champion back; without a model, tiers of the last refresh stay",
        ],
    ]
    return [Heading("Approval and review"), Table(["", ""], rows)]

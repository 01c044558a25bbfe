"""What a fairness audit found, as blocks of a card or of its own page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segment.jobs.audit.decisions import SAID
from segment.jobs.audit.facts import FORECAST, PUBLISHED
from segment.jobs.audit.words import ATTRIBUTES, cannot_say, documented, findings
from segment.jobs.card.blocks import Block, Heading, Table, Text

Facts = Mapping[str, Any]

NOT_MADE = (
    "**No fairness audit of this version was made.** That protected columns are no features does not show that "
    "tiers treat groups alike: other columns may stand for them. Make one before tiers change what customers pay."
)
_HOW = {
    FORECAST: "Tiers that follow from the forecast of a model of the past, and the outcomes that came since.",
    PUBLISHED: "Tiers as published, and what followed from them.",
}


def card_fairness(facts: Facts) -> list[Block]:
    """Say what the audit of a training found.

    Parameters
    ----------
    facts : mapping
        Of a card; a training of an older release has no audit.

    Returns
    -------
    list of Block
    """
    found = facts.get("fairness")
    if not found:
        return [Heading("Fairness"), Text(NOT_MADE)]
    if not found["rates"]:
        left = [Text(one) for one in cannot_say(found)]
        return [Heading("Fairness"), Text(NOT_MADE), *left, *(Text(one) for one in documented(found))]
    return [Heading("Fairness"), *summary(found), *tables(found, 3)]


def summary(found: Facts) -> list[Block]:
    """Say in words what was looked at, what stands out, and what stays open.

    Parameters
    ----------
    found : mapping
        Of an audit.

    Returns
    -------
    list of Block
    """
    limits, stands = found["limits"], findings(found)
    return [
        Text(f"{found['customers']:,} customers as of {found['moment']}. "
             f"{_HOW.get(found['basis'], 'Tiers of the new model; no outcome is known yet.')} Sex, age, region and the "
             "like are read by this audit alone."),
        Text(f"A difference counts where the rate of the better outcome is below {limits['adverse_impact']:.0%} of the "
             f"best-off group's, a harm above {limits['harm_ratio']:.2f} times theirs, and chance gives it in fewer "
             f"than {limits['significance']:.0%} of audits of a fair bank (Holm over all tests)."),
        Text(f"**What stands out: {len(stands) or 'nothing'}.**"),
        *(Text(f"{number}. {one}") for number, one in enumerate(stands, 1)),
        *([Text("**What this cannot say**")] if cannot_say(found) else []),
        *(Text(f"– {one}") for one in cannot_say(found)),
        *(Text(one) for one in documented(found)),
    ]  # fmt: skip


def tables(found: Facts, level: int) -> list[Block]:
    """Set out every comparison.

    Parameters
    ----------
    found : mapping
        Of an audit.
    level : int
        Of the headings.

    Returns
    -------
    list of Block
    """
    return [
        Heading("Rates by group", level),
        rate_table(found),
        Heading("The same among customers of like income", level),
        Text(f"In {found['limits']['income_bands']} equal parts by the money that came in from outside; the ratios are "
             "those common to all parts (Mantel-Haenszel)."),
        Table(_WITHIN, [_within(row) for row in found["within_income"]]),
        *_fit(found, level),
        Heading("Features that stand for an attribute", level),
        Text("Trees tell each group from all others by what the model reads, among customers whom they had not seen. "
             f"An AUC of 0.5 is chance; above {found['limits']['proxy_auc']:.2f} features stand for the attribute."),
        Table(("attribute", "group", "customers", "AUC", "p", "verdict", "most telling"),
              [_proxy(row) for row in found["proxies"]]),
    ]  # fmt: skip


def rate_table(found: Facts) -> Table:
    """Set out how often each group meets each decision.

    Parameters
    ----------
    found : mapping
        Of an audit.

    Returns
    -------
    Table
    """
    return Table(_RATE, [_rate(row) for row in found["rates"]])


_RATE = ("attribute", "decision", "group", "customers", "rate", "95 %", "ratio", "harm ratio", "p", "verdict")
_WITHIN = ("attribute", "decision", "group", "against", "odds ratio", "ratio", "harm ratio", "p", "verdict")


def _rate(row: Facts) -> list[Any]:
    rate = None if row["rate"] is None else f"{row['rate']:.1%}"
    ends = None if row["rate"] is None else f"{100 * row['low']:.1f}–{row['high']:.1%}"
    ratios = [_ratio(row["impact_ratio"]), _ratio(row["harm_ratio"])]
    return [*_named(row), row["customers"], rate, ends, *ratios, _chance(row), row["verdict"]]


def _within(row: Facts) -> list[Any]:
    ratios = [_ratio(row[name]) for name in ("odds_ratio", "impact_ratio", "harm_ratio")]
    return [*_named(row), row["reference"], *ratios, _chance(row), row["verdict"]]


def _named(row: Facts) -> list[str]:
    return [ATTRIBUTES[row["attribute"]], SAID[row["decision"]], row["group"]]


def _fit(found: Facts, level: int) -> list[Block]:
    if not found["calibration"]:
        return []
    low, high = found["limits"]["calibration"]
    of = f" Of the training, as of {found['trained']}." if found.get("trained") else ""
    errors = [_missed(row) for row in found["errors"]]
    blocks: list[Block] = [
        Heading("Forecast and outcome by group", level),
        Text(f"What was forecast over what came, {low:.2f} to {high:.2f}; and the share of outcomes between P10 and "
             f"P90.{of} Intervals hold for all groups together."),
        Table(("attribute", "group", "customers", "ratio", "interval", "verdict", "between P10 and P90", "verdict"),
              [_calibrated(row) for row in found["calibration"]]),
        Text("High-value customers whom the forecast missed; at most "
             f"{100 * found['limits']['error_gap']:.0f} points more than in the best-off group."),
    ]  # fmt: skip
    return [
        *blocks,
        Table(("attribute", "group", "turned out high-value", "missed", "points more", "p", "verdict"), errors),
    ]


def _missed(row: Facts) -> list[Any]:
    rate = None if row["rate"] is None else f"{row['rate']:.1%}"
    gap = None if row["gap"] is None else f"{100 * row['gap']:.1f}"
    return [ATTRIBUTES[row["attribute"]], row["group"], row["customers"], rate, gap, _chance(row), row["verdict"]]


def _calibrated(row: Facts) -> list[Any]:
    ratio = None if row["ratio"] is None else f"{row['ratio']:.2f}"
    ends = None if row["ratio"] is None else f"{row['low']:.2f} to {row['high']:.2f}"
    said = [ATTRIBUTES[row["attribute"]], row["group"], row["customers"], ratio, ends]
    return [
        *said,
        "nothing came" if row["ratio"] is None else row["verdict"],
        f"{row['coverage']:.1%}",
        row["coverage_verdict"],
    ]


def _proxy(row: Facts) -> list[Any]:
    most = ", ".join(f"`{name}`" for name in row["features"]) or None
    return [
        ATTRIBUTES[row["attribute"]],
        row["group"],
        row["customers"],
        f"{row['auc']:.2f}",
        _chance(row),
        row["verdict"],
        most,
    ]


def _ratio(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _chance(row: Facts) -> str | None:
    p = row["p_adjusted"]
    return None if p is None else f"{p:.3f}" if p >= 0.001 else "<0.001"

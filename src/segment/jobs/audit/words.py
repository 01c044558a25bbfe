"""What an audit found and what it cannot say, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from segment.audit import FAR, POOLED, TOO_FEW, UNSURE
from segment.jobs.audit.decisions import SAID
from segment.jobs.audit.measure import STANDS, TELLS

ATTRIBUTES = {
    "age_band": "age",
    "sex": "sex",
    "region": "region",
    "life_stage": "stage of life",
    "vulnerability": "vulnerability",
}
Facts = Mapping[str, Any]


def findings(facts: Facts) -> list[str]:
    """Say what is outside its limits and no chance.

    Parameters
    ----------
    facts : mapping
        Of an audit.

    Returns
    -------
    list of str
        Most telling first within each kind.
    """
    return [*_rates(facts), *_errors(facts), *_calibration(facts), *_proxies(facts)]


def cannot_say(facts: Facts) -> list[str]:
    """Say what the audit leaves open.

    Parameters
    ----------
    facts : mapping
        Of an audit.

    Returns
    -------
    list of str
    """
    said = []
    if facts["missing"]:
        named = ", ".join(ATTRIBUTES[name] for name in facts["missing"])
        said.append(f"Nothing by {named}: the ledger does not give it.")
    if facts["off"]:
        said.append(f"Nothing by {', '.join(ATTRIBUTES[name] for name in facts['off'])}: the policy leaves it out.")
    said += list(facts["notes"])
    small = sorted({(ATTRIBUTES[row["attribute"]], row["group"]) for row in _too_small(facts)})
    if small:
        listed = "; ".join(f"{attribute}: {group}" for attribute, group in small)
        said.append(f"Not judged where fewer than {facts['limits']['least_group']} customers are left: {listed}.")
    unsure = sum(row["verdict"] == UNSURE for table in ("rates", "within_income", "errors") for row in facts[table])
    if unsure:
        said.append(
            f"{unsure} comparisons lie outside their limits and may be chance: too few customers to tell. "
            "They are in the tables."
        )
    unknown = {name: count for name, count in facts["unknown"].items() if count}
    if unknown:
        listed = ", ".join(f"{ATTRIBUTES[name]} of {count:,}" for name, count in unknown.items())
        said.append(f"Not known: {listed} of {facts['customers']:,} customers, who are left out there.")
    return said


def documented(facts: Facts) -> list[str]:
    """Say who answers for the differences, and what for.

    Parameters
    ----------
    facts : mapping
        Of an audit.

    Returns
    -------
    list of str
    """
    document = facts["document"]
    need, other = document["business_need"], document["alternatives"]
    said = [
        f"**Business need**: {need}" if need else "**Business need: not documented.** Write `[audit] business_need`.",
        f"**Less discriminatory ways weighed**: {other}"
        if other
        else "**Less discriminatory ways: not documented.** Write `[audit] alternatives`.",
    ]
    if document["documented_by"]:
        return [*said, f"Documented by {document['documented_by']}."]
    return [*said, "Nobody has signed either: a named person must (`[audit] documented_by`)."]


def significant(facts: Facts) -> int:
    """Count the differences that are outside their limits and no chance; proxies are not among them.

    Parameters
    ----------
    facts : mapping
        Of an audit.

    Returns
    -------
    int
    """
    rows = [row["verdict"] for table in ("rates", "within_income", "errors", "calibration") for row in facts[table]]
    rows += [row["coverage_verdict"] for row in facts["calibration"]]
    return rows.count(FAR)


def _rates(facts: Facts) -> Iterator[str]:
    within = {(row["attribute"], row["decision"], row["group"]): row for row in facts["within_income"]}
    found = [row for row in facts["rates"] if row["verdict"] == FAR]
    for row in sorted(found, key=lambda row: row["p_adjusted"]):
        ratio = (
            f"ratio {row['impact_ratio']:.2f}" if row["kind"] == "benefit" or not row["harm_ratio"]
            else f"{row['harm_ratio']:.2f} times as often"
        )  # fmt: skip
        same = within.get((row["attribute"], row["decision"], row["group"]))
        yield (
            f"{_capital(SAID[row['decision']])}, by {ATTRIBUTES[row['attribute']]}: {row['group']} {row['rate']:.1%}, "
            f"{row['reference']} {_rate_of(facts, row):.1%} ({ratio}, p {_p(row['p_adjusted'])}). {_of_income(same)}"
        )
    alone = {(row["attribute"], row["decision"], row["group"]) for row in found}
    for key, row in within.items():
        if row["verdict"] == FAR and key not in alone:
            yield (
                f"{_capital(SAID[row['decision']])}, by {ATTRIBUTES[row['attribute']]}: within bands of income, "
                f"{row['group']} fares worse than {row['reference']} (ratio {row['impact_ratio']:.2f}, "
                f"p {_p(row['p_adjusted'])}), although not in all."
            )


def _of_income(row: Facts | None) -> str:
    if row is None or row["impact_ratio"] is None:
        return "Within bands of income it cannot be compared."
    ratio = row["harm_ratio"] if row["kind"] == "harm" and row["harm_ratio"] is not None else row["impact_ratio"]
    said = f"Among customers of like income the ratio is {ratio:.2f}: "
    if row["verdict"] == FAR:
        return said + "income does not explain it."
    return said + ("income may explain it." if row["verdict"] != UNSURE else "less sure, and not explained by income.")


def _rate_of(facts: Facts, row: Facts) -> float:
    same = (row["attribute"], row["decision"], row["reference"])
    return next(
        float(one["rate"]) for one in facts["rates"] if (one["attribute"], one["decision"], one["group"]) == same
    )


def _errors(facts: Facts) -> Iterator[str]:
    for row in facts["errors"]:
        if row["verdict"] == FAR:
            yield (
                f"High-value customers whom the forecast missed, by {ATTRIBUTES[row['attribute']]}: {row['group']} "
                f"{row['rate']:.1%}, {100 * row['gap']:.1f} points more than {row['reference']} "
                f"(p {_p(row['p_adjusted'])})."
            )


def _calibration(facts: Facts) -> Iterator[str]:
    for row in facts["calibration"]:
        where = f"by {ATTRIBUTES[row['attribute']]}: {row['group']}"
        if row["verdict"] == FAR:
            yield f"Forecast over what came, {where} {row['ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f})."
        if row["coverage_verdict"] == FAR:
            yield f"Outcomes between P10 and P90, {where} {row['coverage']:.1%}."


def _proxies(facts: Facts) -> Iterator[str]:
    limit = facts["limits"]["proxy_auc"]
    for row in facts["proxies"]:
        if row["verdict"] in (STANDS, TELLS):
            beyond = f"above {limit:.2f}: features stand for it" if row["verdict"] == STANDS else "beyond chance"
            most = f"; most by {', '.join(f'`{name}`' for name in row['features'])}" if row["features"] else ""
            yield (
                f"What the model reads tells {ATTRIBUTES[row['attribute']]} {row['group']} from the others: AUC "
                f"{row['auc']:.2f}, {beyond}{most}."
            )


def _too_small(facts: Facts) -> Iterator[Facts]:
    for row in facts["rates"]:
        if row["verdict"] == TOO_FEW and row["rate"] is None and not row["group"].endswith(POOLED):
            yield row


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "below 0.001"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

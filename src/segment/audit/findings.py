"""What an audit found and what it leaves open, as codes with figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from segment.audit.kinds import DETECTABLE, PROXY
from segment.audit.not_compared import not_compared
from segment.audit.verdict import FAR, UNSURE
from segment.messages import Message

Facts = Mapping[str, Any]
COMPARED = ("rates", "within_income", "errors")
_GROUPS = (
    (re.compile(r"under (?P<age>\d+)"), "audit.group.under"),
    (re.compile(r"(?P<low>\d+) to (?P<high>\d+)"), "audit.group.between"),
    (re.compile(r"(?P<age>\d+) and over"), "audit.group.from"),
    (re.compile(r"(?P<groups>\d+) of fewer than (?P<customers>\d+)"), "audit.group.pooled"),
    (re.compile("vulnerable"), "audit.group.vulnerable"),
    (re.compile("not known to be"), "audit.group.not_known_to_be"),
    (re.compile("others"), "audit.group.others"),
)


def findings(facts: Facts) -> list[Message]:
    """Say what is outside its limits and significant."""
    return [*_rates(facts), *_errors(facts), *_calibration(facts), *_proxies(facts)]


def limitations(facts: Facts) -> list[Message | str]:
    """Say what the audit leaves open; notes of an older release are sentences."""
    rows = [row for part in COMPARED for row in facts[part]]
    unsure = sum(row["verdict"] == UNSURE for row in rows)
    unknown = {name: count for name, count in facts["unknown"].items() if count}
    missing = [
        Message("audit.unknown_of", {"attribute": _attribute(key), "customers": n}) for key, n in unknown.items()
    ]
    coded = facts.get("note_codes")
    notes = facts["notes"] if coded is None else [Message.from_dict(note) for note in coded]
    before = (
        (facts["missing"], Message("audit.open.missing", {"attributes": _attributes(facts["missing"])})),
        (facts["off"], Message("audit.open.off", {"attributes": _attributes(facts["off"])})),
    )
    after = (
        (unsure, Message("audit.open.unsure", {"comparisons": unsure})),
        (unknown, Message("audit.open.unknown", {"attributes": missing, "customers": facts["customers"]})),
    )
    first, last = ([message for holds, message in part if holds] for part in (before, after))
    return [*first, *notes, *not_compared(facts, _who), *last]


def documented(facts: Facts) -> list[Message]:
    """Say who answers for the differences, and what for."""
    document = facts["document"]
    need, other, name = document["business_need"], document["alternatives"], document["documented_by"]
    return [
        Message("audit.need.written", {"need": need}) if need else Message("audit.need.missing"),
        Message("audit.alternatives.written", {"alternatives": other}) if other
        else Message("audit.alternatives.missing"),
        Message("audit.signed", {"name": name}) if name else Message("audit.unsigned"),
    ]  # fmt: skip


def significant(facts: Facts) -> int:
    """Count the differences that are outside their limits and significant; proxies are not among them."""
    rows = [row["verdict"] for part in (*COMPARED, "calibration") for row in facts[part]]
    rows += [row["coverage_verdict"] for row in facts["calibration"]]
    return rows.count(FAR)


def headline(facts: Facts) -> Message:
    """Say in one sentence what was looked at and how much stands out."""
    if not facts["rates"]:
        return Message("audit.headline.nothing")
    count = significant(facts)
    figures = {
        "customers": facts["customers"],
        "as_of": facts["moment"],
        "decisions": len(facts["decisions"]),
        "comparisons": sum(row["p"] is not None for part in COMPARED for row in facts[part]),
    }
    return Message("audit.headline.some", figures | {"significant": count}) if count else Message(
        "audit.headline.none", figures
    )  # fmt: skip


def group_name(word: str) -> Message | str:
    """Read a group's word: an age band, a rest of small groups, or a word of the ledger."""
    for pattern, code in _GROUPS:
        if match := pattern.fullmatch(word):
            return Message(code, match.groupdict())
    return word


def named_features(names: Iterable[str]) -> list[Message]:
    """Features by their names in the program."""
    return [Message("audit.feature", {"name": name}) for name in names]


def _rates(facts: Facts) -> Iterator[Message]:
    within = {_key(row): row for row in facts["within_income"]}
    rates = {_key(row): row["rate"] for row in facts["rates"]}
    far = sorted((row for row in facts["rates"] if row["verdict"] == FAR), key=lambda row: row["p_adjusted"])
    for row in far:
        times = row["kind"] != "benefit" and row["harm_ratio"]
        code, ratio = ("times", row["harm_ratio"]) if times else ("ratio", row["impact_ratio"])
        figures = {
            "rate": row["rate"],
            "reference_rate": rates[row["attribute"], row["decision"], row["reference"]],
            "size": Message(f"audit.size.{code}", {"ratio": ratio}),
            "like_income": _of_income(within.get(_key(row))),
        }
        yield Message("audit.found.rate", _decided(row) | figures)
    alone = {_key(row) for row in far}
    for key, row in within.items():
        if row["verdict"] == FAR and key not in alone:
            yield Message("audit.found.within_income", _decided(row) | {"ratio": row["impact_ratio"]})


def _of_income(row: Facts | None) -> Message:
    if row is None or row["impact_ratio"] is None:
        return Message("audit.like_income.unknown")
    ratio = row["harm_ratio"] if row["kind"] == "harm" and row["harm_ratio"] is not None else row["impact_ratio"]
    code = {FAR: "unexplained", UNSURE: "unsure"}.get(row["verdict"], "explained")
    return Message(f"audit.like_income.{code}", {"ratio": ratio})


def _errors(facts: Facts) -> Iterator[Message]:
    for row in facts["errors"]:
        if row["verdict"] == FAR:
            yield Message("audit.found.missed", _decided(row) | {"rate": row["rate"], "gap": row["gap"]})


def _calibration(facts: Facts) -> Iterator[Message]:
    for row in facts["calibration"]:
        who = _who(row["attribute"], row["group"])
        if row["verdict"] == FAR:
            yield Message("audit.found.calibration", who | {name: row[name] for name in ("ratio", "low", "high")})
        if row["coverage_verdict"] == FAR:
            yield Message("audit.found.coverage", who | {"coverage": row["coverage"]})


def _proxies(facts: Facts) -> Iterator[Message]:
    for row in facts["proxies"]:
        if row["verdict"] in (PROXY, DETECTABLE):
            features = named_features(row["features"])
            figures = {
                "auc": row["auc"],
                "limit": facts["limits"]["proxy_auc"],
                "most": Message("audit.most", {"features": features}) if features else "",
            }
            yield Message(f"audit.found.{row['verdict']}", _who(row["attribute"], row["group"]) | figures)


def _decided(row: Facts) -> dict[str, object]:
    return {
        **_who(row["attribute"], row["group"]),
        "decision": Message(f"audit.decision.{row['decision']}"),
        "reference": group_name(row["reference"]),
        "p": row["p_adjusted"],
    }


def _who(attribute: str, group: str) -> dict[str, object]:
    return {"attribute": _attribute(attribute), "group": group_name(group)}


def _attribute(name: str) -> Message:
    return Message(f"audit.attribute.{name}")


def _attributes(names: Iterable[str]) -> list[Message]:
    return [_attribute(name) for name in names]


def _key(row: Facts) -> tuple[str, str, str]:
    return row["attribute"], row["decision"], row["group"]

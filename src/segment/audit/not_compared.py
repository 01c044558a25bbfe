"""Which groups an audit does not compare, and how many customers they are: too few to say, never passed in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from segment.messages import Message

Facts = Mapping[str, Any]
Named = Callable[[str, str], dict[str, object]]
"""Attribute and group in the reader's words."""


def not_compared(facts: Facts, named: Named) -> list[Message]:
    """Say which groups have no verdict, part by part."""
    least = facts["limits"]["least_group"]
    sizes = {(row["attribute"], row["group"]): row["customers"] for row in facts["rates"] if row["rate"] is None}
    small = [_small(key, customers, named) for key, customers in sorted(sizes.items())]
    large = {(row["attribute"], row["group"]) for row in facts["rates"] if row["rate"] is not None}
    each = {
        name: sum(attribute == name for attribute, _ in large) for name in {row["attribute"] for row in facts["rates"]}
    }
    alone = [named(name, "")["attribute"] for name, groups in sorted(each.items()) if groups < 2]
    missed = sum(row["rate"] is None for row in facts["errors"])
    fitted = {(row["attribute"], row["group"]) for row in facts["calibration"]}
    unfitted = len(large - fitted) if fitted else 0
    untested = _untested(facts, each)
    found = (
        (small, Message("audit.open.small", {"customers": least, "groups": small})),
        (alone, Message("audit.open.one_group", {"customers": least, "attributes": alone})),
        (missed, Message("audit.open.small_errors", {"customers": least, "groups": missed})),
        (unfitted, Message("audit.open.small_fit", {"customers": least, "groups": unfitted})),
        (untested, Message("audit.open.small_proxies", {"customers": least, "groups": untested})),
    )
    return [message for holds, message in found if holds]


def _small(key: tuple[str, str], customers: int | None, named: Named) -> Message:
    code = "audit.small_group" if customers is not None else "audit.smallest_group"
    return Message(code, named(*key) | ({} if customers is None else {"customers": customers}))


def _untested(facts: Facts, large: Mapping[str, int]) -> int:
    """Count the groups that no trees were asked to tell from the others, of an audit that asked any."""
    if not facts["proxies"]:
        return 0
    asked = {name: sum(row["attribute"] == name for row in facts["proxies"]) for name in large}
    # of two groups, who tells one tells the other
    return sum(
        max(groups - asked[name] - (groups == 2 and asked[name] == 1), 0)
        for name, groups in large.items()
        if groups > 1
    )

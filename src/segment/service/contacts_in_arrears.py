"""Limits on contacts with a branch's customers in arrears: whether its plan and its ledger keep them."""

# The ledger has no log of collection contacts. Its calls and meetings by month, whoever began them, can prove that a
# limit holds, and never that one was broken.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from segment.policy.collection_limits import CollectionLimits
from segment.policy.service import IN_ARREARS
from segment.service.promises import Promised, Verdict

Why = Literal["planned", "counted", "may_pass", "no_events", "no_log"]

_OF_A_DAY: Final = ("talks_a_day",)
_OF_SEVEN_DAYS: Final = ("calls_in_seven_days",)


@dataclass(frozen=True)
class ContactsInArrears:
    """Calls and meetings of a branch's customers in arrears; none: the ledger has no such events."""

    most_of_last_month: int  # Of one customer
    most_of_two_months: int  # Of one customer, in the last two months: seven days lie in no more


@dataclass(frozen=True)
class CollectionCheck:
    """A limit, and whether it is kept."""

    limit: str  # Name of `CollectionLimits`
    most: int
    verdict: Verdict
    why: Why
    found: int | None = None  # Calls and meetings, or days between planned contacts
    until: int | None = None  # Hour at which quiet hours end


def check_collections(
    groups: Sequence[Promised], limits: CollectionLimits, contacts: ContactsInArrears | None
) -> list[CollectionCheck]:
    """Check every limit that is in force; none where a branch has nobody in arrears."""
    late = [group for group in groups if group.sub_state == IN_ARREARS]
    if not late:
        return []
    every = [group.plan.contact_every_days for group in late if group.plan.contact_every_days]
    return [_check(name, most, min(every, default=None), limits, contacts) for name, most in limits.in_force.items()]


def _check(
    name: str, most: int, every: int | None, limits: CollectionLimits, contacts: ContactsInArrears | None
) -> CollectionCheck:
    if name == "rest_days_after_talk" and every is not None and every < most:
        return CollectionCheck(name, most, "breaks", "planned", every)
    until = limits.quiet_until if name == "quiet_from" else None
    if name not in (*_OF_A_DAY, *_OF_SEVEN_DAYS):
        return CollectionCheck(name, most, "not_checked", "no_log", until=until)
    if contacts is None:
        return CollectionCheck(name, most, "not_checked", "no_events")
    found = contacts.most_of_last_month if name in _OF_A_DAY else contacts.most_of_two_months
    if found <= most:
        return CollectionCheck(name, most, "holds", "counted", found)
    return CollectionCheck(name, most, "not_checked", "may_pass", found)

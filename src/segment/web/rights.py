"""Who may what: roles, their rights, and whose rows somebody sees. Nothing else decides it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from segment.exceptions import UsageError
from segment.store.web_users import WebUser


class Right(StrEnum):
    """What a page or an operation asks for; also the scopes of a token."""

    SIGNED_IN = "signed_in"
    WEEK = "week"
    CUSTOMER = "customer"
    OUTCOMES = "outcomes"
    LISTS = "lists"
    MAKE_LIST = "make_list"
    APPROVE_LIST = "approve_list"
    DOWNLOAD_LIST = "download_list"
    CUSTOMERS = "customers"
    EXPORT = "export"
    OVERVIEW = "overview"
    PLAN = "plan"
    REVIEWS = "reviews"
    PROPOSE = "propose"
    DECIDE = "decide"
    OVERRIDES = "overrides"
    OBJECTIONS = "objections"
    EFFECTS = "effects"
    RUNS = "runs"
    AUDIT = "audit"
    RECORDS = "records"
    PEOPLE = "people"


_READS: Final = {
    *(Right.SIGNED_IN, Right.CUSTOMER, Right.CUSTOMERS, Right.LISTS, Right.OVERVIEW, Right.PLAN, Right.EFFECTS)
}
ROLES: Final[dict[str, frozenset[Right]]] = {
    "adviser": frozenset({Right.SIGNED_IN, Right.WEEK, Right.CUSTOMER, Right.OUTCOMES, Right.OBJECTIONS}),
    "branch_manager": frozenset(
        {
            *(*_READS, Right.WEEK, Right.OUTCOMES, Right.APPROVE_LIST, Right.DOWNLOAD_LIST, Right.EXPORT),
            *(Right.REVIEWS, Right.PROPOSE, Right.DECIDE, Right.OVERRIDES, Right.OBJECTIONS),
        }
    ),
    "marketing": frozenset(
        {
            *(*_READS, Right.WEEK, Right.OUTCOMES, Right.EXPORT),
            *(Right.MAKE_LIST, Right.APPROVE_LIST, Right.DOWNLOAD_LIST),
            *(Right.REVIEWS, Right.PROPOSE, Right.DECIDE, Right.OBJECTIONS),
        }
    ),
    "analyst": frozenset({*_READS, Right.MAKE_LIST, Right.RUNS, Right.AUDIT}),
    "protection_officer": frozenset(
        {
            *(Right.SIGNED_IN, Right.CUSTOMER, Right.OVERVIEW, Right.RECORDS),
            *(Right.REVIEWS, Right.OBJECTIONS, Right.RUNS, Right.AUDIT),
        }
    ),
    "administrator": frozenset({Right.SIGNED_IN, Right.PEOPLE, Right.RECORDS, Right.RUNS}),
}
OF_A_BRANCH: Final = ("adviser", "branch_manager")
"""Roles that see rows of named branches alone."""
ADMINISTRATOR: Final = "administrator"


class NotAllowed(Exception):
    """What was asked for is not this person's to see or do; it says nothing of whether it exists."""


@dataclass(frozen=True)
class Scope:
    """Whose rows somebody sees."""

    branches: frozenset[str] | None  # None: the whole bank's

    def holds(self, branch: str) -> bool:
        """Whether a branch's rows are theirs to see."""
        return self.branches is None or branch in self.branches

    def require(self, branch: str) -> str:
        """Stop at a branch that is not theirs."""
        if not self.holds(branch):
            raise NotAllowed
        return branch

    def chosen(self, known: Iterable[str]) -> list[str]:
        """Those of some branches that are theirs."""
        return [branch for branch in known if self.holds(branch)]


def scope_of(user: WebUser) -> Scope:
    """Whose rows a user sees; a role of branches without any sees none."""
    if user.branches or user.role in OF_A_BRANCH:
        return Scope(frozenset(user.branches))
    return Scope(None)


def may(user: WebUser | None, right: Right | None) -> bool:
    """Whether somebody has a right; pages that ask for none, such as the sign-in, are everybody's."""
    if right is None:
        return True
    return user is not None and user.is_active and right in ROLES.get(user.role, frozenset())


def require_role(role: str, branches: Iterable[str]) -> None:
    """Refuse a role that is none, or one of a branch without a branch."""
    if role not in ROLES:
        raise UsageError.of("errors.unknown_role", roles=ROLES)
    if role in OF_A_BRANCH and not any(branches):
        raise UsageError.of("errors.role_without_branch")

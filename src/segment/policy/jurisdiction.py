"""What the law of a jurisdiction asks of the software, as data: figures, and rules with their sources."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from segment.exceptions import PolicyError
from segment.messages import Message
from segment.policy.collection_limits import CollectionLimits
from segment.policy.section import Section

JURISDICTIONS = ("cn", "eu", "uk", "us")

FeeService = Literal[
    "account_opening_closing",
    "cash_own_bank_same_city",
    "transfer_own_bank_same_city",
    "password_reset",
    "payroll_account",
    "pension_account",
    "benefit_account",
    "account_management",
    "card_annual",
    "message_service",
    "transfer_other_bank",
    "counter_service",
]
"""What a tariff item is charged for."""

Protection = Literal["contact_rules", "birth_dates", "suppression_sources"]
"""What of a ledger keeps customers out: rules, the age of minors, and how fresh the lists of the protected are."""


class LegalRule(Section):
    """One rule of law.

    Attributes
    ----------
    code : str
        By which the software names it.
    source : str
        The citation.
    read_in : str
        Where the citation was read, or [K] where it was not checked against a text.
    says : str
        What it says.
    does : str
        What the software does about it.
    """

    code: str = Field(pattern="^[a-z0-9_]+$")
    source: str = Field(min_length=1)
    read_in: str = Field(min_length=1)
    says: str = Field(min_length=1)
    does: str = Field(min_length=1)


class Jurisdiction(Section):
    """The law of one jurisdiction, or that law with a policy's stricter figures.

    Attributes
    ----------
    name : str
        In words.
    older_from_years : int
        From this age on a customer counts as older: never charged by this software, never asked to use a machine.
    tariff_public_days : int
        Days for which a tariff item must have been public before it may be charged to somebody new.
    fee_notice_days : int
        Days between the notice to the customer and the first fee.
    acceptance_needed : bool
        True: the customer must have accepted item and price; silence is not enough.
    fee_refreshes : int
        Refreshes, a month apart and in a row, with a loss on direct cost.
    reversible_days : int
        Days from the first fee on in which it can be taken back.
    sole_account_exempt : bool
        True: whoever has no second account of their own pays no fee.
    free_income : tuple of str
        Kinds of income whose account is free: who received one in the last twelve months pays no fee.
    free_services : tuple of str
        Services that no fee may be charged for.
    impact_assessment_needed : bool
        True: nothing is published before the policy names one.
    retention_years : int
        Least years for which assessments and records are kept.
    objection_hours : int
        Most hours until an objection takes effect.
    credit_offers_by_model : bool
        False: an offer of credit may not follow from the model unless fair lending was reviewed.
    protections : tuple of str
        What the ledger must give before a list, a service or a fee leaves; a policy may say that it is kept elsewhere.
    objection_contact : str
        To whom a customer objects.
    collections : CollectionLimits
        Limits on contacts with customers in arrears.
    rules : tuple of LegalRule
        What the law says, and what the software does.
    """

    name: str = Field(min_length=1)
    older_from_years: int = Field(ge=0, le=120)
    tariff_public_days: int = Field(ge=0)
    fee_notice_days: int = Field(ge=1)
    acceptance_needed: bool
    fee_refreshes: int = Field(ge=3)
    reversible_days: int = Field(ge=60)
    sole_account_exempt: Literal[True] = True
    free_income: tuple[Literal["salary", "pension", "benefit"], ...]
    free_services: tuple[FeeService, ...]
    impact_assessment_needed: bool
    retention_years: int = Field(ge=1)
    objection_hours: int = Field(ge=1)
    credit_offers_by_model: bool
    protections: tuple[Protection, ...] = Field(min_length=1)
    objection_contact: str = Field(min_length=1)
    collections: CollectionLimits
    rules: tuple[LegalRule, ...] = Field(min_length=1)

    @property
    def told(self) -> Message:
        """Its name, for an error."""
        return Message(f"errors.law.{self.name.lower().removeprefix('the ').replace(' ', '_')}")


@cache
def load_jurisdiction(code: str) -> Jurisdiction:
    """Read the law of a jurisdiction.

    Parameters
    ----------
    code : {"cn", "eu", "uk", "us"}
        Which.

    Returns
    -------
    Jurisdiction

    Raises
    ------
    PolicyError
        For any other.

    References
    ----------
    DOMAIN.md 5. Not legal advice: figures marked [K] were not checked against a text.

    Examples
    --------
    >>> [load_jurisdiction(code).older_from_years for code in JURISDICTIONS]
    [60, 65, 65, 62]
    """
    if code not in JURISDICTIONS:
        raise PolicyError.of("errors.no_jurisdiction", jurisdictions=JURISDICTIONS, code=code)
    text = files("segment.policy").joinpath("jurisdictions", f"{code}.toml").read_text(encoding="utf-8")
    return Jurisdiction.model_validate(tomllib.loads(text))

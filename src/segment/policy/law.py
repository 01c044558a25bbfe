"""What a bank adds to the law of its jurisdiction: stricter figures, references, and the fees it may propose."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from segment.messages import Message
from segment.policy.collection_limits import CollectionLimits
from segment.policy.jurisdiction import FeeService, Jurisdiction, Protection
from segment.policy.section import Section

_STRICTER_BELOW = ("older_from_years", "objection_hours")
_STRICTER_ABOVE = ("tariff_public_days", "fee_notice_days", "fee_refreshes", "reversible_days", "retention_years")

Words = Annotated[str, Field(min_length=1)]


class FeeItem(Section):
    """An item of the ledger's tariff that may be proposed to single customers. It has no price here: the tariff has.

    Attributes
    ----------
    service : str
        What it is charged for; one that the jurisdiction keeps free is refused.
    alternative : str
        The cheaper or free way to the same service that is offered with it.
    """

    service: FeeService
    alternative: Words


class ProtectionsElsewhere(Section):
    """Protections that the law asks for and the bank keeps elsewhere, by name, with the reason.

    What the ledger gives is looked at all the same.

    Attributes
    ----------
    contact_rules, birth_dates, suppression_sources : str
        Why the ledger need not give it, such as the system that every list passes before anybody sees it.
    """

    contact_rules: Words | None = None
    birth_dates: Words | None = None
    suppression_sources: Words | None = None

    @property
    def reasons(self) -> dict[Protection, str]:
        """The reasons that are given, by name."""
        return {name: why for name in get_args(Protection) if (why := getattr(self, name)) is not None}


class LawChanges(Section):
    """What a policy adds to the law of its jurisdiction. A figure may only be stricter than the law's.

    Attributes
    ----------
    older_from_years : int
        From this age on a customer counts as older.
    tariff_public_days : int
        Days for which an item must have been public.
    fee_notice_days : int
        Days between the notice to the customer and the first fee.
    fee_refreshes : int
        Refreshes in a row with a loss on direct cost.
    reversible_days : int
        Days in which a fee can be taken back.
    retention_years : int
        Years for which assessments and records are kept.
    objection_hours : int
        Hours until an objection takes effect.
    impact_assessment : str
        Reference of the impact assessment that was made.
    fair_lending_review : str
        Reference of the review that lets offers of credit follow from the model.
    data_protection_contact : str
        To whom a customer objects, or asks what is known.
    human_review : str
        How a customer gets a person to look at a decision (PIPL art. 24, GDPR art. 22(3)).
    student_codes : tuple of str
        Words of `customers.life_stage` and `customers.occupation` that mean a student; without them nobody is known
        not to be one, and no fee is proposed.
    least_own_accounts : int
        Deposit accounts of their own, not joint and not closed, that a customer must have before a fee is proposed.
    refused_rest_days : int
        Days for which a refused or withdrawn item is not proposed to the customer again.
    figures_most_days : int
        Most age of the published tiers that a fee may follow from.
    backdated_days : int
        Days by which an act may be dated back; what is checked is checked on the clock's day in any case.
    enough_decisions : int
        From so many decisions on, none that overturns a proposal is an alarm.
    collections : CollectionLimits
        The bank's own limits on contacts with customers in arrears, with their source; None: those of the law alone.
    protections_elsewhere : ProtectionsElsewhere
        Protections that the law asks for and the ledger need not give.
    fee_items : dict of str to FeeItem
        Items by their code in the ledger's `tariff_items`. No other may be proposed.
    """

    older_from_years: int | None = Field(default=None, ge=0, le=120)
    tariff_public_days: int | None = Field(default=None, ge=0)
    fee_notice_days: int | None = Field(default=None, ge=1)
    fee_refreshes: int | None = Field(default=None, ge=3)
    reversible_days: int | None = Field(default=None, ge=60)
    retention_years: int | None = Field(default=None, ge=1)
    objection_hours: int | None = Field(default=None, ge=1)
    impact_assessment: Words | None = None
    fair_lending_review: Words | None = None
    data_protection_contact: Words | None = None
    human_review: Words = "ask at any branch; a person who may change the decision looks at it"
    student_codes: tuple[Words, ...] = ()
    least_own_accounts: int = Field(default=2, ge=2)
    refused_rest_days: int = Field(default=180, ge=0)
    figures_most_days: int = Field(default=62, ge=31, le=92)
    backdated_days: int = Field(default=3, ge=0, le=7)
    enough_decisions: int = Field(default=20, ge=2)
    protections_elsewhere: ProtectionsElsewhere = ProtectionsElsewhere()
    collections: CollectionLimits | None = None
    fee_items: dict[str, FeeItem] = {}


def stricter(law: Jurisdiction, changes: LawChanges) -> Jurisdiction:
    """Put a policy's figures in the place of the law's.

    Parameters
    ----------
    law : Jurisdiction
        Of the policy's jurisdiction.
    changes : LawChanges
        Of the policy.

    Returns
    -------
    Jurisdiction
    """
    names = (*_STRICTER_BELOW, *_STRICTER_ABOVE)
    given = {name: value for name in names if (value := getattr(changes, name)) is not None}
    if changes.data_protection_contact:
        given["objection_contact"] = changes.data_protection_contact
    if changes.collections:
        given["collections"] = law.collections.stricter_with(changes.collections)
    return law.model_copy(update=given)


def laxer(law: Jurisdiction, changes: LawChanges) -> list[Message]:
    """Say what of a policy is laxer than the law.

    Parameters
    ----------
    law : Jurisdiction
        Of the policy's jurisdiction.
    changes : LawChanges
        Of the policy.

    Returns
    -------
    list of Message
        A sentence each; empty where nothing is.

    Examples
    --------
    >>> from segment.policy.jurisdiction import load_jurisdiction
    >>> [fault.code for fault in laxer(load_jurisdiction("cn"), LawChanges(older_from_years=70))]
    ['errors.policy.laxer']
    """
    faults = []
    for names, sign, word in ((_STRICTER_BELOW, 1, "errors.at_most"), (_STRICTER_ABOVE, -1, "errors.at_least")):
        for name in names:
            value, border = getattr(changes, name), getattr(law, name)
            if value is not None and (value - border) * sign > 0:
                faults.append(
                    Message(
                        "errors.policy.laxer",
                        {"name": name, "word": Message(word), "border": border, "place": law.told, "value": value},
                    )
                )
    own = changes.collections
    faults += [
        Message("errors.policy.laxer_collections", {"limit": limit, "law": law.told})
        for limit in (law.collections.laxer_in(own) if own else ())
    ]
    for code, item in changes.fee_items.items():
        if item.service in law.free_services:
            faults.append(
                Message("errors.policy.free_service", {"code": code, "service": item.service, "place": law.told})
            )
    return faults

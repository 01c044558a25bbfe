"""How often a customer may be contacted, and what a list's file must hold to before it leaves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from segment.policy.section import Section


class ContactRules(Section):
    """Rests and caps beside the contact rules of the ledger (DOMAIN.md 3.2 and 3.5).

    Attributes
    ----------
    most_calls, call_days : int
        Outbound calls to a customer in so many days; a contact whose channel is not known counts as a call.
    most_contacts, contact_days : int
        Contacts over all channels in so many days.
    same_bundle_rest_days : int
        Days until a bundle may be offered to the same customer again.
    fraud_rest_days : int
        Days without a contact after a fraud on the customer has ended.
    call_channels : tuple of str
        Channels that ring a telephone; `do_not_call` closes them.
    missing_birth_date_keeps_out : bool
        Whether a customer of unknown age counts as a minor, where the ledger gives no birth dates at all too.
    needed_sources : tuple of str
        Sources that must stand in `suppression_sources`; where one is missing, no list is made or released.
    most_rows_a_day : int or None
        Rows that one person may release in a day (UTC); None: no limit.
    approved_by_another : bool
        Whether a list leaves only after another person than the one who made it has approved each branch's part.
    """

    most_calls: int = Field(default=1, ge=1)
    call_days: int = Field(default=30, ge=1)
    most_contacts: int = Field(default=3, ge=1)
    contact_days: int = Field(default=91, ge=1)
    same_bundle_rest_days: int = Field(default=180, ge=0)
    fraud_rest_days: int = Field(default=90, ge=0)
    call_channels: tuple[Literal["adviser", "phone", "mobile", "online"], ...] = ("phone",)
    missing_birth_date_keeps_out: bool = False
    needed_sources: tuple[str, ...] = ()
    most_rows_a_day: int | None = Field(default=None, ge=1)
    approved_by_another: bool = False

"""What the bank has estimated about a customer and other banks: held, so it is told to whoever asks for access."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from segment.main_bank.term_reasons import FORWARDED, REASONS, SELDOM
from segment.tiers.reasons import Reason

_WALLETS: Final = ("wallet_elsewhere_mean_12m", "wallet_elsewhere_12m")
"""The mean decides; publications of earlier versions have the median alone."""
_ABOUT: Final = {Reason.MAIN_BANK_ELSEWHERE, *(term.code for term in (*REASONS.values(), FORWARDED, SELDOM))}


@dataclass(frozen=True)
class EstimatesHeld:
    """Estimates about the customer's other banks."""

    main_bank_elsewhere: int | None  # Percent
    wallet_elsewhere_12m: int | None
    evidence: list[str]  # Codes


def estimates_held(person: Mapping[str, Any]) -> EstimatesHeld:
    """Take the estimates out of a published row."""
    chance, wallets = person["main_bank_elsewhere_probability"], [person.get(name) for name in _WALLETS]
    return EstimatesHeld(
        main_bank_elsewhere=None if chance is None or chance != chance else round(100 * chance),
        wallet_elsewhere_12m=two_digits(next((wallet for wallet in wallets if wallet is not None), None)),
        evidence=list(person.get("main_bank_reasons") or []),
    )


def about_main_bank(code: str) -> bool:
    """Tell a reason that quotes the estimate of the main bank, or what it rests on."""
    return code in _ABOUT


def two_digits(amount: float | None) -> int | None:
    """Round an estimate to two significant figures: more would say more than is known.

    References
    ----------
    DOMAIN.md 2.5: never more than two significant figures.

    Examples
    --------
    >>> two_digits(12_345.6), two_digits(7.0), two_digits(None)
    (12000, 7, None)
    """
    return None if amount is None or amount != amount else int(float(f"{amount:.1e}"))

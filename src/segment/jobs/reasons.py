"""Reason codes in plain words, for people who speak to customers."""

from __future__ import annotations

from collections.abc import Iterable

from segment import main_bank, tiers

SENTENCES: dict[str, str] = {**tiers.SENTENCES, **main_bank.SENTENCES}


def plain_sentences(codes: Iterable[str]) -> list[str]:
    """Say reason codes in plain words, in their order.

    Parameters
    ----------
    codes : iterable of str
        As published.

    Returns
    -------
    list of str
    """
    return [SENTENCES[code] for code in codes]

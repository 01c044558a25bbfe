"""What a model learned from few data, as codes with their figures: said wherever its figures are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from segment.main_bank import MainBankClassifier
from segment.messages import Message
from segment.model.main_bank_and_wallet import Wallets
from segment.policy import Policy
from segment.wallet import CredibleWallet

NOTABLE: Final = 0.10
"""Weight of a prior from which it is said."""


def taught_by(
    main_bank: MainBankClassifier, wallets: Wallets, main_here: int, main_elsewhere: int, clustered: int
) -> dict[str, float]:
    """Count who taught a model; kept with it, without anybody's id."""
    assets = wallets["assets"]
    return {
        "main_here": float(main_here),
        "main_elsewhere": float(main_elsewhere),
        "clustered": float(clustered),
        "labels": float(main_bank.n_labels_),
        "learned_from_labels": float(main_bank.learned_),
        "wallet_prior": 1.0 - (assets.own_weight_ if isinstance(assets, CredibleWallet) else 1.0),
    }


def unproven(gates: Sequence[str]) -> list[Message]:
    """Say that a champion did not pass some gates; nothing where it passed all."""
    return [Message("limits.unproven", {"gates": [Message(f"limits.gate.{gate}") for gate in gates]})] if gates else []


def data_limits(taught: Mapping[str, float], policy: Policy) -> list[Message]:
    """Say what is limited by lack of data, and what would help; nothing of models of before this was kept."""
    if not taught:
        return []
    found, prior = [], policy.wallet.prior.customers
    if taught["wallet_prior"] >= NOTABLE:
        figures = {"customers": int(taught["main_here"]), "prior": taught["wallet_prior"]}
        found.append(Message("limits.wallet", figures))
    kept = prior / (taught["main_elsewhere"] + prior)
    if kept >= NOTABLE:
        found.append(Message("limits.kept_share", {"customers": int(taught["main_elsewhere"]), "prior": kept}))
    if taught.get("departures_prior", 0.0) >= NOTABLE:
        figures = {"left": int(taught["departures_left"]), "moved": int(taught["departures_moved"])}
        found.append(Message("limits.departures", {**figures, "prior": taught["departures_prior"]}))
    if not taught["learned_from_labels"]:
        share, labels = policy.main_bank.elsewhere_share, int(taught["labels"])
        code = "limits.level_assumed" if share is None else "limits.level_stated"
        found.append(Message(code, {"share": policy.main_bank.base_rate if share is None else share, "labels": labels}))
    return found

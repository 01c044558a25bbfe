"""What a model learned from few data, as codes with their figures: said wherever its figures are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from segment.main_bank import MainBankClassifier
from segment.messages import Message
from segment.model.main_bank_and_wallet import Wallets
from segment.policy import Policy
from segment.policy.decisions import MainBank
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
        "labels_weight": main_bank.labels_weight_,
        "labels_proven": float(not main_bank.expert_score_),
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
    return [*found, *_of_labels(taught, policy.main_bank)]


def _of_labels(taught: Mapping[str, float], rules: MainBank) -> list[Message]:
    labels = int(taught["labels"])
    if not taught["learned_from_labels"]:
        code = "limits.level_assumed" if rules.elsewhere_share is None else "limits.level_stated"
        return [Message(code, {"share": rules.elsewhere_share or rules.base_rate, "labels": labels})]
    found, prior = [], 1.0 - taught.get("labels_weight", 1.0)  # earlier models learned from enough labels or from none
    if prior == 1.0:
        found.append(Message("limits.labels_of_one_kind", {"labels": labels}))
    elif prior >= NOTABLE:
        found.append(Message("limits.labels", {"labels": labels, "prior": prior}))
    if not taught.get("labels_proven", 1.0):
        least = rules.gates.least_labels
        code = "limits.labels_not_judged" if labels < least else "limits.labels_unproven"
        found.append(Message(code, {"labels": labels, "least": least}))
    return found

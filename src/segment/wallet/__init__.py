"""Wallet: what a customer has at every bank, and how much of it lies elsewhere."""

from segment.wallet.credible import CredibleWallet
from segment.wallet.elsewhere import circumstance_weights, covariate_shift_weights, wallet_elsewhere
from segment.wallet.regressor import WalletRegressor

__all__ = [
    "CredibleWallet",
    "WalletRegressor",
    "circumstance_weights",
    "covariate_shift_weights",
    "wallet_elsewhere",
]

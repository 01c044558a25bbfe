"""Wallet: what a customer has at every bank, and how much of it lies elsewhere."""

from segment.wallet.credible import CredibleWallet
from segment.wallet.regressor import WalletRegressor
from segment.wallet.spiked_lognormal import SpikedLognormal
from segment.wallet.wallet_elsewhere import covariate_shift_weights, wallet_elsewhere

__all__ = [
    "CredibleWallet",
    "SpikedLognormal",
    "WalletRegressor",
    "covariate_shift_weights",
    "wallet_elsewhere",
]

"""Wallet: what a customer has at every bank, and how much of it lies elsewhere."""

from segment.wallet.elsewhere import covariate_shift_weights, wallet_elsewhere
from segment.wallet.regressor import WalletRegressor

__all__ = ["WalletRegressor", "covariate_shift_weights", "wallet_elsewhere"]

"""The catalogue: every column of a snapshot but its keys and its target."""

from __future__ import annotations

from segment.features.behaviour_features import behaviour_features
from segment.features.departure_features import departure_features
from segment.features.feature import Feature
from segment.features.money_features import money_features
from segment.features.relation_features import relation_features
from segment.policy import Policy

KEYS = ("as_of", "customer_id", "branch_id")


def catalogue(policy: Policy) -> tuple[Feature, ...]:
    """List every feature.

    Parameters
    ----------
    policy : Policy
        Its products name some of them.

    Returns
    -------
    tuple of Feature
        In the order of a snapshot's columns.

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> features = catalogue(load_policy("models/retail.toml"))
    >>> next(feature.meaning for feature in features if feature.name == "contribution_12m")
    "Full contribution, commissions spread over the policy's months, sum of the last 12 months."
    """
    return (*relation_features(policy), *money_features(policy), *behaviour_features(), *departure_features())


def target_name(horizon_months: int) -> str:
    """Column of the contribution of the months after a snapshot.

    Parameters
    ----------
    horizon_months : int

    Returns
    -------
    str

    Examples
    --------
    >>> target_name(12)
    'contribution_next_12m'
    """
    return f"contribution_next_{horizon_months}m"


def cost_target_name(horizon_months: int) -> str:
    """Column of the cost of the months after a snapshot, which the borders of what really came are drawn by.

    Parameters
    ----------
    horizon_months : int

    Returns
    -------
    str

    Examples
    --------
    >>> cost_target_name(12)
    'cost_next_12m'
    """
    return f"cost_next_{horizon_months}m"

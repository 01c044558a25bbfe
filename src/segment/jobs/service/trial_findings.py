"""What one tier's trial found and cannot show, as codes with their figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segment.effects.checks import LEAST_RATIO_P
from segment.effects.intention import ReportedEffect
from segment.messages import Message


@dataclass(frozen=True)
class TierEffect:
    """What serving customers of a tier as another changed."""

    tier: str
    served_as: str
    way: str  # Up or down
    months: int
    served: int  # served, as_is: People of each arm.
    as_is: int
    served_households: int
    as_is_households: int
    ratio_p: float  # That the arms are of the sizes drawn
    valid: bool  # Whether the draw holds
    uneven: list[str]  # Columns in which the arms differed before
    lost_served: float | None  # lost, on_list: Shares of each arm.
    on_list_served: float | None
    lost_as_is: float | None
    on_list_as_is: float | None
    cost: float | None  # That the other service costs more, a customer
    detectable_contribution: float | None
    detectable_lost: float | None
    contribution: ReportedEffect
    net: ReportedEffect  # That less the cost of the service
    lost: ReportedEffect
    pays: bool | None = None  # Whether the better service pays; null: not shown either way

    def columns(self) -> Mapping[str, object]:
        """Return a row of the report."""
        effects = {name: value for name, value in vars(self).items() if isinstance(value, ReportedEffect)}
        row: dict[str, object] = {name: value for name, value in vars(self).items() if name not in (*effects, "pays")}
        for name, made in effects.items():
            row |= made.columns(name)
        return row | {f"{name}_p_holm": made.p_holm for name, made in effects.items()} | {"pays": self.pays}


_ANSWERS = {None: "service_trial.pays.open", True: "service_trial.pays.yes", False: "service_trial.pays.no"}


def trial_findings(name: str, effect: TierEffect) -> list[Message]:
    """Give the findings of one tier, the arms first."""
    figures = {"served": effect.served, "as_is": effect.as_is, "months": effect.months}
    named = {"name": name, "tier": _tier(effect.tier), "served_as": _tier(effect.served_as)}
    start = Message("service_trial.start", figures | named)
    if not effect.valid:
        code = "service_trial.sizes" if effect.ratio_p < LEAST_RATIO_P else "service_trial.few"
        return [Message(code, {"start": start, "p": effect.ratio_p})]
    lists = Message("service_trial.lists", {"served": effect.on_list_served, "as_is": effect.on_list_as_is})
    columns = [Message(f"service_trial.column.{column}") for column in effect.uneven]
    uneven = [Message("service_trial.uneven", {"columns": columns})] if columns else []
    contribution = Message("service_trial.contribution", {"amounts": _amounts(effect.contribution)})
    shares = {"served": effect.lost_served, "as_is": effect.lost_as_is}
    lost = Message("service_trial.lost", {**shares, **_interval(effect.lost)})
    return [
        start,
        _open("contribution", contribution, effect.contribution, effect.detectable_contribution),
        _open("lost", lost, effect.lost, effect.detectable_lost),
        _net(effect),
        lists,
        *uneven,
    ]


def _open(name: str, finding: Message, measured: ReportedEffect, least: float | None) -> Message:
    """Add what could have been shown where the interval holds nothing at all."""
    if measured.low is None or measured.high is None or not measured.low <= 0.0 <= measured.high:
        return finding
    return Message(f"service_trial.open_{name}", {"finding": finding, "least": least})


def _net(effect: TierEffect) -> Message:
    if effect.cost is None or effect.net.effect is None:
        return Message("service_trial.no_cost")
    costs = Message(
        "service_trial.costs_more" if effect.cost >= 0.0 else "service_trial.costs_less", {"amount": abs(effect.cost)}
    )
    better = _tier(effect.served_as if effect.way == "up" else effect.tier)
    answer, amounts = Message(_ANSWERS[effect.pays]), _amounts(effect.net)
    return Message("service_trial.net", {"costs": costs, "amounts": amounts, "better": better, "answer": answer})


def _amounts(measured: ReportedEffect) -> Message:
    return Message("service_trial.amounts", _interval(measured))


def _interval(measured: ReportedEffect) -> Mapping[str, float | None]:
    return {"effect": measured.effect, "low": measured.low, "high": measured.high, "p": measured.p_holm}


def _tier(tier: str) -> Message:
    return Message(f"service_trial.tier.{tier}")

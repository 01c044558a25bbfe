"""The chance that a contact adds, of each customer: the policy's word, and what the bank's own outcomes say of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp, sqrt
from typing import Any

import polars as pl

from segment.policy import Policy
from segment.policy.offer_odds import expected_uplift

EVIDENCE: Mapping[str, tuple[str, ...]] = {
    "trigger": ("trigger",),
    "tier": ("tier",),
    "cluster": ("cluster",),
    "bundle": ("bundle",),
    "channel_of_cluster": ("cluster", "channel"),
    "bundle_of_cluster": ("cluster", "bundle"),
}
"""Kinds of what like customers did, and the columns of a list that tell them, each within those before it. No
protected column."""
UNNAMED = {"trigger": "none"}
"""What a row of no kind counts as; elsewhere it is none of any kind."""


@dataclass(frozen=True)
class Factor:
    """What the chances of a programme, a channel or a kind of customer are, against what was said before."""

    value: float = 1.0
    own_weight: float = 0.0  # Share of the bank's own outcomes in it; the rest is what was said before

    def then(self, within: Factor) -> Factor:
        """Of a part of its people: both, one after the other."""
        return Factor(self.value * within.value, 1.0 - (1.0 - self.own_weight) * (1.0 - within.own_weight))


@dataclass(frozen=True)
class ProgrammeChance:
    """The policy's chances of a programme beside the measured ones, as means of those who were to be contacted."""

    programme: str
    promised: float  # That a contact adds, by the policy
    measured: float  # Difference of the arms
    low: float  # low, high: Of its 95 % interval
    high: float
    used: float  # What the next list goes by, for people like these
    own_weight: float  # Share of the bank's own outcomes in it


@dataclass(frozen=True)
class PolicyAsked:
    """Whether outcomes refute a word of the policy's, which may be one of several programmes."""

    programmes: tuple[str, ...]
    promised: float  # That a contact adds, as a mean of those who were to be contacted
    low: float  # low, high: Of the 95 % interval of what was measured of all of them
    high: float
    lists: int  # That it was asked after
    refuted: bool  # Whatever else was asked, and however often
    after: int | None  # Lists like these until it could be seen that a contact adds nothing; None: not in ten years


@dataclass(frozen=True)
class LearnedChances:
    """What outcomes have taught of a policy's chances; nothing, of a bank without any."""

    without: Mapping[str, float] = field(default_factory=dict)  # Share that moves without any contact, by programme
    programmes: tuple[ProgrammeChance, ...] = ()
    channels: Mapping[tuple[str, str], Factor] = field(default_factory=dict)  # By programme and channel
    evidence: Mapping[tuple[str, str], Factor] = field(default_factory=dict)  # By kind of `EVIDENCE` and its value
    asked: tuple[PolicyAsked, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        names = {"channels": ("programme", "channel"), "evidence": ("kind", "value")}
        factors = {
            name: [
                dict(zip(keys, key, strict=True)) | {"factor": factor.value, "own_weight": factor.own_weight}
                for key, factor in getattr(self, name).items()
            ]
            for name, keys in names.items()
        }
        asked = [vars(each) | {"programmes": list(each.programmes)} for each in self.asked]
        programmes = [vars(each) for each in self.programmes]
        return {"without": dict(self.without), "programmes": programmes, "asked": asked, **factors}

    def added(self, policy: Policy, programme: str, channel: str) -> float:
        """Chance that a contact moves somebody who has something to move and of whom nothing else is known."""
        factor = self.channels.get((programme, channel)) or self.channels.get((programme, ""), Factor())
        return min(1.0, factor.value * expected_uplift(policy, programme, channel))

    def variation(self, policy: Policy, programme: str, channel: str) -> float:
        """Variance of that chance over its square: the policy's word, as far as own outcomes do not stand for it."""
        promise = expected_uplift(policy, programme, channel)
        factor = self.channels.get((programme, ""), Factor())
        left = relative_spread(promise, policy.outcomes.prior_contacts) ** 2 * (1.0 - factor.own_weight)
        return left / factor.value**2 if factor.value > 0.0 else 0.0

    def of_evidence(self, columns: Iterable[str], cap: float) -> pl.Expr:
        """What a customer's evidence multiplies the chance by, at most e to the power of the cap either way."""
        product = of_events(columns)
        for name in evidence_in(columns):
            values = {value: factor.value for (of, value), factor in self.evidence.items() if of == name}
            if values:
                text = kind_of(name)
                product = product * text.replace_strict(values, default=1.0, return_dtype=pl.Float64)
        return product.clip(exp(-cap), exp(cap))


def of_events(columns: Iterable[str]) -> pl.Expr:
    """What events of the bank's own books multiply a chance by, in the policy's word, which outcomes correct."""
    return pl.col("trigger_evidence").fill_null(0.0).exp() if "trigger_evidence" in columns else pl.lit(1.0)


def evidence_in(columns: Iterable[str]) -> list[str]:
    """Which of `EVIDENCE` some columns tell."""
    known = set(columns)
    return [name for name, parts in EVIDENCE.items() if known.issuperset(parts)]


def kind_of(name: str) -> pl.Expr:
    """Of which kind a row is, by an entry of `EVIDENCE` or a column; of none where a part of it is not known."""
    text = pl.concat_str([pl.col(part).cast(pl.String) for part in EVIDENCE.get(name, (name,))], separator="/")
    return text.fill_null(UNNAMED[name]) if name in UNNAMED else text


def relative_spread(promise: float, weight: float) -> float:
    """How far a chance that is worth so many contacts may be from the true one, as a share of it."""
    return sqrt((1.0 - promise) / (promise * weight)) if promise > 0.0 else 0.0

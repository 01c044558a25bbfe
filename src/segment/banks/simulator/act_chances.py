"""How likely what comes of an act: the true chances of each customer, known to nobody in the bank."""

from __future__ import annotations

import numpy as np

from segment.banks.simulator.act_parameters import AIMS
from segment.banks.simulator.draws import NONE, BoolArray, CustomerStream, FloatArray
from segment.banks.simulator.parameters import ELSEWHERE, Parameters
from segment.banks.simulator.state import Bank, Traits
from segment.banks.simulator.wallets_elsewhere import wallet_elsewhere_12m


def draw_traits(rng: CustomerStream, parameters: Parameters, customers: int) -> Traits:
    """Draw how customers answer to what is done to them, for good."""
    everyone = np.arange(customers)
    return Traits(
        tenure_elsewhere=rng.random(everyone),
        put_off=rng.chance(everyone, parameters.acts.sleeping_dogs),
        place=rng.random(everyone),
    )


def in_range(bank: Bank, low_and_high: tuple[float, float]) -> FloatArray:
    """Each customer's own place in a range."""
    low, high = low_and_high
    return low + (high - low) * bank.traits.place


def _logistic(bank: Bank, intercept: float, channel: str) -> FloatArray:
    p = bank.parameters.acts
    tenth = np.searchsorted(bank.wallet_tenths, wallet_elsewhere_12m(bank)) / 9
    logit = intercept + p.wallet_weight * tenth + p.tenure_weight * bank.traits.tenure_elsewhere + p.push[channel]
    chance: FloatArray = 1.0 / (1.0 + np.exp(-logit))
    return chance


def _likely(bank: Bank, chance: FloatArray) -> FloatArray:
    likely: FloatArray = np.minimum(chance * bank.effect, 0.95)
    return likely


def offer_chance(bank: Bank, aim: str, channel: str) -> FloatArray:
    """The chance that an offer reaches its aim, beyond what would happen by itself; below zero for those put off."""
    p, state = bank.parameters.acts, bank.ties.state
    if aim == AIMS[0]:
        chance = np.where(state == ELSEWHERE, _logistic(bank, p.moves_intercept, channel), 0.0)
        lost = np.where(state == ELSEWHERE, -p.put_off * p.untreated, 0.0)
        return _likely(bank, np.where(bank.traits.put_off, lost, chance))
    willing = ~bank.traits.put_off
    if aim == AIMS[1]:
        return _likely(
            bank, np.where(willing & may_bring_savings(bank), _logistic(bank, p.grows_intercept, channel), 0.0)
        )
    if aim == AIMS[2]:
        return _likely(bank, np.where(willing & (bank.relation.goal != NONE), p.keeps[channel], 0.0))
    return _likely(bank, np.where(willing & (state <= ELSEWHERE), p.cheaper[channel] * bank.people.digital, 0.0))


def woken_chance(bank: Bank, aim: str) -> FloatArray:
    """The chance that an offer makes somebody go who would have stayed."""
    p = bank.parameters.acts
    chance = {AIMS[0]: 0.0, AIMS[2]: p.woken}.get(aim, p.put_off * p.untreated)
    return _likely(bank, np.where(bank.traits.put_off, chance, 0.0))


def fee_chances(bank: Bank, fee_month: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The chances that a customer goes for a fee, takes the free way if staying, and complains."""
    p, people = bank.parameters.acts, bank.people
    goes = fee_month * 12 / 100 * in_range(bank, p.fee_leaves) * 2 * people.price_sensitivity
    avoided = in_range(bank, p.fee_avoided) * people.digital * 2
    return _likely(bank, goes), np.minimum(avoided, 0.95), _likely(bank, in_range(bank, p.fee_complains))


def calmed(bank: Bank, service: str) -> FloatArray:
    """By how much a service makes its customers less inclined to go."""
    less: FloatArray = np.minimum(in_range(bank, bank.parameters.acts.calmed[service]) * bank.effect, 0.9)
    if service != "self_service":
        return less
    # who likes the app misses nothing
    return np.where(less < 0, less * (1 - bank.people.digital), less)


def may_bring_savings(bank: Bank) -> BoolArray:
    """Who has savings elsewhere that could come over."""
    enough = bank.relation.elsewhere > bank.parameters.acts.grows_from_elsewhere
    return enough & (bank.ties.state <= ELSEWHERE)

"""Lets a month's acts happen: draws what comes of each, and keeps up what lasts."""

# The dice of acts are a stream of their own, and every way to act has its place in the month whoever is meant. So an
# act changes what becomes of its customer and, through the household, of nobody else.

from __future__ import annotations

import numpy as np

from segment.banks.simulator.act_chances import calmed, fee_chances, offer_chance, woken_chance
from segment.banks.simulator.act_outcomes import GOES, bring_about
from segment.banks.simulator.act_parameters import AIMS
from segment.banks.simulator.acts_file import OFFER, SERVICE, WAYS, Done
from segment.banks.simulator.draws import IntArray
from segment.banks.simulator.events import Channel, Kind
from segment.banks.simulator.parameters import ELSEWHERE
from segment.banks.simulator.state import Bank

Outcomes = dict[str, list[IntArray]]


def intervene(bank: Bank) -> None:
    """Let this month's acts happen, and what was begun earlier go on."""
    done = bank.interventions.of(bank.month.index)
    if done:
        outcomes: Outcomes = {}
        nobody = Done(np.empty(0, dtype=np.int64), np.empty(0))
        for kind, what, channel in WAYS:
            act = done.get((kind, what, channel), nobody)
            if kind == OFFER:
                _offer(bank, what, channel or "", act.who, outcomes)
            elif kind == SERVICE:
                _serve_so(bank, what, act, outcomes)
            else:
                _charge(bank, act, outcomes)
        bring_about(bank, outcomes)
    surely = bank.interventions.surely.get(bank.month.index)
    if surely is not None:
        bring_about(bank, {surely: [bank.everyone]})
    _go_on(bank)


def _offer(bank: Bank, aim: str, channel: str, who: IntArray, outcomes: Outcomes) -> None:
    rng = bank.rng["acts"]
    chance = offer_chance(bank, aim, channel)[who]
    drawn = rng.random(who)
    outcomes.setdefault(aim, []).append(who[drawn < chance])
    outcomes.setdefault(GOES, []).append(who[rng.random(who) < woken_chance(bank, aim)[who]])
    # who is put off does not come of their own accord for a while, as often as the chance is below zero
    p, relation = bank.parameters.acts, bank.parameters.relation
    coming = sum(relation.switching_annual[ELSEWHERE][:2])
    stays_away = who[drawn < -chance / coming * 12 / p.put_off_months]
    bank.in_force.stays_away_until[stays_away] = bank.month.index + p.put_off_months


def _serve_so(bank: Bank, service: str, act: Done, outcomes: Outcomes) -> None:
    p, who, now = bank.parameters.acts, act.who, bank.in_force
    now.calmed[who] = calmed(bank, service)[who]
    now.served_until[who] = bank.month.index + p.service_months
    rng = bank.rng["acts"]
    grows = rng.chance(who, np.minimum(bank.effect * p.personal_grows[1], 1.0) * bank.traits.place[who])
    if service == "personal":
        now.contacts[who] = np.where(np.isnan(act.amount), p.contacts_annual, act.amount)
        outcomes.setdefault(AIMS[1], []).append(who[grows])
    if service == "self_service":
        outcomes.setdefault(AIMS[3], []).append(who)


def _charge(bank: Bank, act: Done, outcomes: Outcomes) -> None:
    rng, who = bank.rng["acts"], act.who
    fee = np.zeros(bank.count)
    fee[who] = act.amount
    goes, avoided, complains = (chance[who] for chance in fee_chances(bank, fee))
    leaves, finds_another = rng.random(who) < goes, rng.random(who) < avoided
    outcomes.setdefault(GOES, []).append(who[leaves])
    outcomes.setdefault(AIMS[3], []).append(who[~leaves & finds_another])
    pays = who[leaves | ~finds_another]
    bank.in_force.fee[pays] = fee[pays]
    bank.in_force.complains[who] = complains


def _go_on(bank: Bank) -> None:
    """Charge the fees that run, and hold the contacts that were promised."""
    now, month = bank.in_force, bank.month
    pays = bank.acting((now.fee > 0) & (bank.ties.state <= ELSEWHERE) & (bank.current >= 0))
    bank.book.add(bank.current[pays], month.last, -now.fee[pays], Kind.FEE, Channel.AUTOMATIC)
    kept = bank.acting((now.served_until > month.index) & (now.contacts > 0))
    if len(kept):
        rng = bank.rng["contacts"]
        who = np.repeat(kept, rng.poisson(kept, now.contacts[kept] / 12))
        minutes = np.full(len(who), bank.parameters.acts.contact_minutes)
        bank.service.add(who, bank.days(rng, who), Channel.ADVISER, minutes)

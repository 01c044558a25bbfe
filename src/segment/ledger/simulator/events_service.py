"""Visits, calls, adviser meetings, app sessions and complaints (DOMAIN.md 6.3, 6.4).

How often someone comes is a lasting trait with a heavy tail that has nothing to do with wealth: this is what makes
real loss-makers.
"""

from __future__ import annotations

import numpy as np

from segment.ledger.simulator.accounts import CURRENT
from segment.ledger.simulator.draws import Generator, IntArray, chance, round_to
from segment.ledger.simulator.events import Channel, Kind
from segment.ledger.simulator.state import Bank


def serve(bank: Bank) -> None:
    """Book a month of service: what customers did at the counter, and work that is no transaction."""
    rng, p, people = bank.rng["service"], bank.parameters.service, bank.people
    _redraw_heaviness(bank, rng)
    activity = np.where(bank.acts, bank.ties.activity, 0.0)
    yearly = (p.visits_annual[0] + p.visits_annual[1] * (1 - people.digital)) * p.visit_scale
    load = activity * yearly * people.heaviness / 12.0
    visits = np.minimum(rng.poisson(load), p.visits_cap)
    _counter(bank, rng, visits)
    _visits_without_money(bank, rng, visits)
    calls = np.minimum(rng.poisson(load * p.calls_per_visit), p.visits_cap)
    who = np.repeat(np.arange(bank.count), calls)
    bank.service.add(who, bank.days(rng, len(who)), Channel.PHONE, rng.gamma(2.0, 3.0, len(who)))
    _managers(bank, rng)
    sessions = rng.poisson(p.logins_annual / 12 * people.digital * activity)
    who = np.repeat(np.arange(bank.count), sessions)
    bank.service.add(who, bank.days(rng, len(who)), Channel.MOBILE)
    _complaints(bank, rng, visits)


def _redraw_heaviness(bank: Bank, rng: Generator) -> None:
    """A quarter of the customers change how much service they use in a year (6.5)."""
    p = bank.parameters.people
    who = np.flatnonzero(chance(rng, np.full(bank.count, p.heaviness_redraw_annual / 12)))
    bank.people.heaviness[who] = rng.gamma(p.heaviness_shape, 1.0 / p.heaviness_shape, len(who))


def _counter(bank: Bank, rng: Generator, visits: IntArray) -> None:
    """Cash and transfers at the counter; those who come often bring and take small amounts."""
    counts = rng.poisson(visits * bank.parameters.service.transactions_per_visit)
    who = np.repeat(np.arange(bank.count), counts)
    action = rng.random(len(who))
    room = np.maximum(bank.accounts.planned_of(CURRENT, who), 0.0) * 0.5 / np.maximum(counts[who], 1)
    usual = bank.people.income[who] / 12 * 0.3 * rng.lognormal(-0.3, 0.7, len(who)) / (1 + counts[who] / 2)
    brings = action < 0.5
    amount = np.where(brings, usual, -np.minimum(usual, room))
    amount = np.sign(amount) * np.maximum(round_to(np.abs(amount), 10.0), np.where(brings, 10.0, 0.0))
    kind = np.select([brings, action < 0.9], [Kind.CASH_DEPOSIT, Kind.CASH_WITHDRAWAL], Kind.TRANSFER_OUT)
    bank.book.add(bank.current[who], bank.days(rng, len(who)), amount, kind, Channel.COUNTER)


def _visits_without_money(bank: Bank, rng: Generator, visits: IntArray) -> None:
    p = bank.parameters.service
    who = np.repeat(np.arange(bank.count), visits)
    asks = who[rng.random(len(who)) < p.counter_service_share]
    bank.service.add(asks, bank.days(rng, len(asks)), Channel.COUNTER, rng.gamma(2.0, 4.0, len(asks)))
    meets = who[rng.random(len(who)) < p.adviser_share]
    bank.service.add(meets, bank.days(rng, len(meets)), Channel.ADVISER, rng.gamma(*p.adviser_minutes, len(meets)))


def _managers(bank: Bank, rng: Generator) -> None:
    """Relationship managers spend time on those with money here."""
    p = bank.parameters.service
    rich = bank.acting(bank.liquid_here() > p.manager_from)
    who = rich[rng.random(len(rich)) < 3.0 / 12.0]
    shape, scale = p.manager_minutes
    bank.service.add(who, bank.days(rng, len(who)), Channel.ADVISER, rng.gamma(shape, scale / 3.0, len(who)))


def _complaints(bank: Bank, rng: Generator, visits: IntArray) -> None:
    """One in a hundred complains in a year, and a little more often those who come often."""
    rate = bank.parameters.service.complaint_annual / 12 * (1 + 0.3 * visits)
    who = bank.acting(chance(rng, np.minimum(rate, 0.2)) & (bank.ties.activity > 0.05))
    bank.complaints.append((who, bank.days(rng, len(who))))

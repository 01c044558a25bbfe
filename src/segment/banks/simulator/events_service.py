"""Visits, calls, adviser meetings, app sessions and complaints (DOMAIN.md 6.3, 6.4)."""

# How often someone comes is a lasting trait with a heavy tail that has nothing to do with wealth: this is what makes
# real loss-makers. They come to the counter, with the day's takings or for every transfer; nobody meets an adviser more
# than twice a month.

from __future__ import annotations

import numpy as np

from segment.banks.simulator.accounts import CURRENT
from segment.banks.simulator.draws import CustomerStream, FloatArray, IntArray, round_to
from segment.banks.simulator.events import Channel, Kind
from segment.banks.simulator.state import Bank


def serve(bank: Bank) -> None:
    """Book a month of service: what customers did at the counter, and work that is no transaction."""
    rng, p, people = bank.rng["service"], bank.parameters.service, bank.people
    _redraw_heaviness(bank, rng)
    activity = np.where(bank.acts, bank.ties.activity, 0.0)
    yearly = (p.visits_annual[0] + p.visits_annual[1] * (1 - people.digital)) * p.visit_scale
    load = activity * yearly * people.heaviness * bank.in_force.visits / 12.0
    visits = np.minimum(rng.poisson(bank.everyone, load), p.visits_cap)
    _counter(bank, rng, visits)
    _visits_without_money(bank, rng, visits)
    calls = np.minimum(rng.poisson(bank.everyone, load * p.calls_per_visit), p.calls_cap)
    who = np.repeat(bank.everyone, calls)
    bank.service.add(who, bank.days(rng, who), Channel.PHONE, rng.gamma(who, 2.0, 3.0))
    _advisers(bank, rng, visits)
    sessions = rng.poisson(bank.everyone, p.logins_annual / 12 * people.digital * activity)
    who = np.repeat(bank.everyone, sessions)
    bank.service.add(who, bank.days(rng, who), Channel.MOBILE)
    _complaints(bank, rng, visits)


def seconds_of_day(bank: Bank, served: tuple[IntArray, IntArray, IntArray, FloatArray]) -> IntArray:
    """Draw when each event of a month happened: what needs the branch, in its opening hours."""
    customer, _, channel, _ = served
    rng, p = bank.rng["hours"], bank.parameters.service
    hours = np.arange(len(p.day_profile) + 1)
    before = np.append(0.0, np.cumsum(p.day_profile)) / np.sum(p.day_profile)
    drawn = rng.random(customer)
    inside = p.open_from + np.interp(drawn, before, hours)
    away = p.away_from + (p.away_to - p.away_from) * drawn
    at_branch = np.isin(channel, (Channel.COUNTER, Channel.ADVISER))
    return (np.where(at_branch, inside, away) * 3_600.0).astype(np.int64)


def _redraw_heaviness(bank: Bank, rng: CustomerStream) -> None:
    """A quarter of the customers change how much service they use in a year (6.5)."""
    p = bank.parameters.people
    who = np.flatnonzero(rng.chance(bank.everyone, p.heaviness_redraw_annual / 12))
    bank.people.heaviness[who] = rng.gamma(who, p.heaviness_shape, 1.0 / p.heaviness_shape)


def _counter(bank: Bank, rng: CustomerStream, visits: IntArray) -> None:
    """Cash and transfers at the counter; those who come often bring and take small amounts."""
    counts = rng.poisson(bank.everyone, visits * bank.parameters.service.transactions_per_visit)
    who = np.repeat(bank.everyone, counts)
    action = rng.random(who)
    room = np.maximum(bank.accounts.planned_of(CURRENT, who), 0.0) * 0.5 / np.maximum(counts[who], 1)
    usual = bank.people.income[who] / 12 * 0.3 * rng.lognormal(who, -0.3, 0.7) / (1 + counts[who] / 2)
    brings = action < 0.5
    amount = np.where(brings, usual, -np.minimum(usual, room))
    amount = np.sign(amount) * np.maximum(round_to(np.abs(amount), 10.0), np.where(brings, 10.0, 0.0))
    kind = np.select([brings, action < 0.9], [Kind.CASH_DEPOSIT, Kind.CASH_WITHDRAWAL], Kind.TRANSFER_OUT)
    bank.book.add(bank.current[who], bank.days(rng, who), amount, kind, Channel.COUNTER)


def _visits_without_money(bank: Bank, rng: CustomerStream, visits: IntArray) -> None:
    who = np.repeat(bank.everyone, visits)
    asks = who[rng.chance(who, bank.parameters.service.counter_service_share)]
    bank.service.add(asks, bank.days(rng, asks), Channel.COUNTER, rng.gamma(asks, 2.0, 4.0))


def _advisers(bank: Bank, rng: CustomerStream, visits: IntArray) -> None:
    """Meetings: a visit now and then becomes one, and relationship managers see those with money here."""
    p = bank.parameters.service
    rich = bank.acts & (bank.liquid_here() > p.manager_from)
    wanted = rng.poisson(bank.everyone, visits * p.adviser_share + np.where(rich, p.manager_meetings / 12, 0.0))
    who = np.repeat(bank.everyone, np.minimum(wanted, p.meetings_cap))
    bank.service.add(who, bank.days(rng, who), Channel.ADVISER, rng.gamma(who, *p.adviser_minutes))


def _complaints(bank: Bank, rng: CustomerStream, visits: IntArray) -> None:
    """One in a hundred complains in a year; more often those who come often, and those who are about to go."""
    p = bank.parameters.service
    rate = p.complaint_annual / 12 * (1 + 0.3 * visits)
    rate += np.where(bank.relation.fading(bank.month.index) > 0, p.complaint_before_departure, 0.0)
    rate += bank.in_force.complains
    bank.in_force.complains = np.zeros(bank.count)
    who = bank.acting(rng.chance(bank.everyone, np.minimum(rate, 0.2)) & (bank.ties.activity > 0.05))
    bank.complaints.append((who, bank.days(rng, who)))

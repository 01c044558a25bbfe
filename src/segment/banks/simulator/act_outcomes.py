"""What comes of an act: the main bank moves here, savings come over, somebody stays, goes, or needs less service."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from segment.banks.simulator.act_chances import in_range, may_bring_savings
from segment.banks.simulator.act_parameters import AIMS
from segment.banks.simulator.departures import LEAVES, owes_overdue
from segment.banks.simulator.draws import NONE, BoolArray, CustomerStream, IntArray
from segment.banks.simulator.life import move_to
from segment.banks.simulator.parameters import ELSEWHERE, MAIN_HERE, SPLIT
from segment.banks.simulator.state import Bank

GOES, MOVES_AWAY = "goes", "moves_away"


def _settled(bank: Bank) -> BoolArray:
    relation = bank.relation
    settled: BoolArray = bank.acts & (relation.progress(bank.month.index) >= 1.0) & (relation.goal == NONE)
    return settled


def _moves_here(bank: Bank, rng: CustomerStream, who: IntArray) -> None:
    """The main bank moves here over three to six months: pay first, bills, then balances."""
    able = _settled(bank) & (bank.relation.now.state == ELSEWHERE) & ~bank.relation.mortgage_only
    move_to(bank, rng, who[able[who]], MAIN_HERE)


def _brings_savings(bank: Bank, rng: CustomerStream, who: IntArray) -> None:
    """A part of what lies elsewhere comes over, as in a switch, while pay and bills stay where they are."""
    who = who[(_settled(bank) & may_bring_savings(bank))[who]]
    new = bank.relation.now.at(who)
    new.share += in_range(bank, bank.parameters.acts.grows_share)[who] * (1.0 - new.share)
    low, high = bank.parameters.relation.switch_months
    bank.relation.switch(who, new, bank.month.index, rng.integers(who, low, high + 1))


def _stays(bank: Bank, rng: CustomerStream, who: IntArray) -> None:
    """Somebody who had made up their mind to go does not."""
    bank.relation.goal[who] = NONE


def _needs_less(bank: Bank, rng: CustomerStream, who: IntArray) -> None:
    """Fewer visits and calls from now on."""
    bank.in_force.visits[who] *= 1.0 - in_range(bank, bank.parameters.acts.fewer_visits)[who]


def _goes(bank: Bank, rng: CustomerStream, who: IntArray) -> None:
    """Somebody makes up their mind to end the relation, and shows it for some months."""
    able = bank.acts & (bank.relation.goal == NONE) & (bank.accounts.joint == NONE) & ~owes_overdue(bank)
    who = who[able[who]]
    low, high = bank.parameters.relation.signs_months
    bank.relation.goal[who], bank.relation.decided[who] = LEAVES, bank.month.index
    bank.relation.departs[who] = bank.month.index + rng.integers(who, low, high + 1)


def _moves_away(bank: Bank, rng: CustomerStream, who: IntArray) -> None:
    """The main bank becomes another: no act does that, but some keep it from happening."""
    able = _settled(bank) & (bank.relation.now.state <= SPLIT)
    move_to(bank, rng, who[able[who]], ELSEWHERE)


OUTCOMES: dict[str, Callable[[Bank, CustomerStream, IntArray], None]] = {
    AIMS[0]: _moves_here,
    AIMS[1]: _brings_savings,
    AIMS[2]: _stays,
    AIMS[3]: _needs_less,
    GOES: _goes,
    MOVES_AWAY: _moves_away,
}
"""By name, in the order in which they come about within a month."""


def bring_about(bank: Bank, outcomes: dict[str, list[IntArray]]) -> None:
    """Let the outcomes of a month come about."""
    rng = bank.rng["acts"]
    for name, happens in OUTCOMES.items():
        parts = outcomes.get(name, [])
        who = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *parts]))
        who = who[bank.acts[who]]
        happens(bank, rng, who)
        bank.life.add(who, bank.month.index, f"by_act_{name}")
    bank.ties = bank.relation.in_effect(bank.month.index)

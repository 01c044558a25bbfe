"""What campaigns teach of the chances that a contact adds, against the twin's truth.

    python benchmarks/chances.py [--banks 4] [--first-seed 101] [--people 20000] [--campaigns 3] [--programme NAME]
        [--draws 40] [--work FOLDER]

Banks of 2,000 customers are simulated, learned from and published (as for `benchmarks/regret.py`), and live three
months on, in which nothing is done: what the ledger shows then moves by itself. A bank of 20,000 is made of one half of
their customers, drawn with replacement, with as many branches and managers for each thousand. In each campaign the
list is chosen among those whom no list of the same programme has named yet, by what was learned so far, with its
control arm. Who is contacted moves with the twin's true chance (and shows it within the months that count), or by
themselves. The chances learned are judged on the best offer to each customer of the other half, of whom nothing was
learned. With `--programme` every list is one of that programme alone, and its contacts cost nothing, so that one is
tried whose offers are worth too little to be on any list.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.regret import AS_OF, HISTORY, ROOT, numbers, publish
from segment.banks.simulator import simulate_bank
from segment.banks.simulator.act_chances import offer_chance
from segment.banks.simulator.act_parameters import AIMS, CHANNELS
from segment.banks.simulator.twin import Twin
from segment.dates import days_to_check, month_end, next_month
from segment.effects.intention import share_effect
from segment.jobs.build.extract import extract
from segment.jobs.lists.customer_levers import find_levers, read_lever_snapshot
from segment.jobs.lists.list_candidates import list_candidates
from segment.jobs.lists.moves import measure_lists, read_window
from segment.jobs.lists.suppressions import ContactSources, find_suppressions
from segment.policy import Policy, load_policy
from segment.policy.offer_odds import expected_uplift
from segment.upgrade.chances import EVIDENCE, LearnedChances
from segment.upgrade.control import draw_control
from segment.upgrade.learn_chances import learn_chances
from segment.upgrade.offers import best_offers, offer_options
from segment.upgrade.places import Limits
from segment.upgrade.ranking import rank_list
from segment.warehouse.published_tiers import published_tiers
from segment.workspace import Workspace

NOBODY = pl.DataFrame(schema={"customer_id": pl.String, "channel": pl.String})
DRAWS, CLUSTERS = 500, 1_000


@dataclass(frozen=True)
class Case:
    """A bank as a list finds it, with its truth."""

    candidates: pl.DataFrame  # What `offer_options` takes, and `truth`, the customer's place in the arrays
    chances: dict[tuple[str, str], np.ndarray]  # By aim and channel: what a contact truly adds
    moves: dict[str, np.ndarray]  # By programme: who moves without any contact
    managers: pl.DataFrame
    learned_from: np.ndarray  # Of its customers, one half


def read_case(folder: Path, customers: int, seed: int, policy: Policy) -> Case:
    """Publish a bank, live it on without any act, and take the truth of every chance."""
    workspace = publish(folder, customers, seed, policy)
    tiers, sources = published_tiers(workspace, AS_OF, None), ContactSources.read(workspace)
    kept = find_suppressions(sources, policy, days_to_check(AS_OF, AS_OF))
    until = AS_OF + dt.timedelta(days=policy.upgrade.list_expires_after_days)
    levers = find_levers(
        AS_OF, tiers, read_lever_snapshot(workspace.snapshot(AS_OF), policy), sources.tables, policy, until
    ).candidates
    asked = list_candidates(tiers, levers, sources.tables, workspace.customer_months, policy, AS_OF, AS_OF)
    allowed = asked.join(kept.customers, on="customer_id", how="semi").join(
        kept.people.select("customer_id").unique(), on="customer_id", how="anti"
    )
    bank = Twin.of(customers, HISTORY, seed, run_on=1, end=AS_OF).as_of_today()
    chances = {(aim, channel): offer_chance(bank, aim, channel) for aim in AIMS for channel in CHANNELS}
    place = pl.Series("truth", numbers(allowed["customer_id"]))
    # clusters are each bank's own
    allowed = allowed.with_columns(cluster=pl.col("cluster") + CLUSTERS * seed)
    moves = _moves_alone(folder, customers, seed, allowed, policy)
    half = np.random.default_rng(seed).random(customers) < 0.5
    return Case(allowed.with_columns(place), chances, moves, sources.tables["relationship_managers"], half)


def _moves_alone(folder: Path, customers: int, seed: int, asked: pl.DataFrame, policy: Policy) -> dict[str, np.ndarray]:
    """Who moves by the ledger in the months after the list, although nothing is done."""
    later, months = Workspace(folder / "later"), policy.outcomes.months
    last = month_end(next_month(AS_OF.replace(day=1), months))
    if not (folder / "lived").exists():
        simulate_bank(folder / "later_bank", customers, HISTORY, seed, end=AS_OF, run_on=months)
        extract(str(folder / "later_bank" / "ledger"), last, later, policy, n_jobs=1)
        (folder / "lived").touch()
    rows = asked.select("customer_id", "programme").unique(maintain_order=True)
    measured = measure_lists([read_window(last, later.customer_months, AS_OF, rows, policy)], policy)
    moves = {}
    for (programme,), part in measured.group_by("programme", maintain_order=True):
        moved = np.zeros(customers, dtype=bool)
        moved[numbers(part["customer_id"])] = part["moved"].to_numpy()
        moves[str(programme)] = moved
    return moves


def resampled(cases: list[Case], customers: int, people: int, rng: np.random.Generator) -> Case:
    """A bank of as many people as asked for: customers of several banks, drawn with replacement."""
    copies = -(-people // (customers * len(cases)))
    candidates, managers, places = [], [], 0
    for number, case in enumerate(cases):
        half = np.flatnonzero(case.learned_from)
        drawn = pl.DataFrame({"truth": rng.choice(half, people // len(cases))})
        drawn = drawn.with_columns(at=pl.int_range(pl.len()) + places, copy=pl.int_range(pl.len()) % copies)
        branch = pl.concat_str(pl.lit(f"{number}-"), "branch_id", pl.lit("-"), pl.col("copy").cast(pl.String))
        candidates.append(
            case.candidates.join(drawn, on="truth", maintain_order="left").with_columns(
                branch_id=branch, customer_id=pl.concat_str(pl.lit("P"), pl.col("at").cast(pl.String)),
                truth=pl.col("truth") + number * customers,
            ).drop("at", "copy")
        )  # fmt: skip
        each = [case.managers.with_columns(copy=pl.lit(copy)) for copy in range(copies)]
        named = pl.concat_str("rm_id", pl.lit(f"-{number}-"), pl.col("copy").cast(pl.String))
        managers.append(pl.concat(each).with_columns(branch_id=branch, rm_id=named).drop("copy"))
        places += people
    chances = {key: np.concatenate([case.chances[key] for case in cases]) for key in cases[0].chances}
    nobody = np.zeros(customers, dtype=bool)
    programmes = {name for case in cases for name in case.moves}
    moves = {name: np.concatenate([case.moves.get(name, nobody) for case in cases]) for name in programmes}
    halves = np.concatenate([case.learned_from for case in cases])
    return Case(pl.concat(candidates), chances, moves, pl.concat(managers), halves)


def with_truth(rows: pl.DataFrame, case: Case, policy: Policy) -> pl.DataFrame:
    """Add what each offer truly adds to the chance."""
    parts = []
    for (programme, channel), part in rows.group_by("programme", "channel", maintain_order=True):
        aim = policy.programmes[str(programme)].moved_when
        parts.append(part.with_columns(true=pl.Series(case.chances[aim, str(channel)][part["truth"].to_numpy()])))
    return pl.concat(parts)


def campaign(
    bank: Case, listed: pl.DataFrame, chances: LearnedChances, policy: Policy, rng: np.random.Generator, number: int
) -> pl.DataFrame | None:
    """A list of people whom its programmes have not named yet, and what came of it in both arms."""
    mine = bank.candidates.filter(pl.col("programme").is_in(list(policy.programmes)))
    left = mine.join(listed, on=["customer_id", "programme"], how="anti")
    options = offer_options(left, NOBODY, policy, chances=chances)
    if options.is_empty():
        return None
    best = best_offers(options).with_columns(household="customer_id", stratum=pl.concat_str("branch_id", "tier"))
    drawn = []
    for (programme,), part in best.group_by("programme", maintain_order=True):
        share = policy.programmes[str(programme)].control_share
        control = draw_control(part.select("household", "stratum"), share, "salt", str(programme))
        drawn.append(part.select("customer_id", "household", "stratum", control=control))
    whole, _ = rank_list(options.join(pl.concat(drawn), on="customer_id"), Limits(), bank.managers, policy, AS_OF)
    rows = with_truth(whole, bank, policy)
    alone = np.zeros(rows.height, dtype=bool)
    for (programme,), part in rows.with_row_index().group_by("programme", maintain_order=True):
        alone[part["index"].to_numpy()] = bank.moves[str(programme)][part["truth"].to_numpy()]
    asked, true, dice = (rows["arm"] == "contact").to_numpy(), rows["true"].to_numpy(), rng.random(rows.height)
    # who is put off is less likely to move by themselves
    moved = np.where(asked & (true < 0), alone & (dice >= -true), alone | (asked & (dice < true)))
    return rows.with_columns(moved=pl.Series(moved), list_on=pl.lit(AS_OF + dt.timedelta(days=30 * number)))


def alone(policy: Policy, programme: str) -> Policy:
    """The policy with one programme, whose contacts cost nothing."""
    rules = policy.upgrade
    channels = {name: each.model_copy(update={"cost": 0.0}) for name, each in rules.channels.items()}
    bundles = {name: each.model_copy(update={"incentive": 0.0}) for name, each in rules.bundles.items()}
    free = rules.model_copy(update={"channels": channels, "bundles": bundles})
    return policy.model_copy(update={"upgrade": free, "programmes": {programme: policy.programmes[programme]}})


def by_tenth(predicted: np.ndarray, true: np.ndarray) -> list[tuple[float, float]]:
    """Mean chance and mean truth of each tenth of the chances."""
    parts = np.array_split(np.argsort(predicted, kind="stable"), 10)
    return [(float(predicted[part].mean()), float(true[part].mean())) for part in parts]


def qini_of(score: np.ndarray, true: np.ndarray) -> float:
    """Qini of an order by the moves that it truly brings per person: ties enter together."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0.0, True))
    share, brought = (last + 1.0) / len(score), np.cumsum(true[order])[last] / len(score)
    share, brought = np.append(0.0, share), np.append(0.0, brought)
    return float(np.trapezoid(brought - share * brought[-1], share))


@dataclass(frozen=True)
class Judged:
    """How chances stand to the truth of customers of whom nothing was learned."""

    qini: float
    tenths: tuple[tuple[float, float], ...]
    far: int  # Tenths off by more than two points
    off: int  # Tenths over 2 % off by more than a quarter
    less: tuple[float, float]  # Interval of what the learned chances have more of Qini

    @classmethod
    def of(cls, score: np.ndarray, learned: np.ndarray, true: np.ndarray, draws: list[np.ndarray]) -> Judged:
        """Hold one set of chances to the truth, and to the learned ones."""
        tenths = tuple(by_tenth(score, true))
        gain = [qini_of(learned[at], true[at]) - qini_of(score[at], true[at]) for at in draws]
        low, high = np.quantile(gain, [0.025, 0.975]) if gain else (np.nan, np.nan)
        far = sum(abs(a - b) > 0.02 for a, b in tenths)
        off = sum(a > 0.02 and abs(a - b) > a / 4 for a, b in tenths)
        return cls(qini_of(score, true), tenths, far, off, (float(low), float(high)))


def judge(
    cases: list[Case], learned: LearnedChances, policy: Policy, rng: np.random.Generator, draws: int = DRAWS
) -> dict[str, Judged]:
    """Hold the chances, and two simpler ones, to the truth of customers of whom nothing was learned."""
    rows = []
    for case in cases:
        judged = pl.Series(~case.learned_from[case.candidates["truth"].to_numpy()])
        mine = case.candidates.filter(judged & pl.col("programme").is_in(list(policy.programmes)))
        offers = best_offers(offer_options(mine, NOBODY, policy, chances=learned))
        rows.append(with_truth(offers, case, policy))
    offers = pl.concat(rows, how="diagonal")
    of_no_cluster = {key: factor for key, factor in learned.evidence.items() if "cluster" not in EVIDENCE[key[0]]}
    constant = np.array([expected_uplift(policy, *key) for key in offers.select("programme", "channel").rows()])
    own, true = offers["uplift"].to_numpy(), offers["true"].to_numpy()
    scores = {
        "learned": own,
        "learned, but nothing by cluster": chances_of(offers, replace(learned, evidence=of_no_cluster), policy),
        "the policy's, times what can be moved": constant * offers["movable_probability"].to_numpy(),
        "the policy's constants": constant,
    }
    anew = [rng.integers(0, len(true), len(true)) for _ in range(draws)]
    return {name: Judged.of(score, own, true, anew) for name, score in scores.items()}


def chances_of(offers: pl.DataFrame, chances: LearnedChances, policy: Policy) -> np.ndarray:
    """What a contact adds for the same offers, by other chances."""
    keys = offers.select("programme", "channel").rows()
    added = pl.Series([chances.added(policy, *key) for key in keys])
    evidence = chances.of_evidence(offers.columns, policy.outcomes.evidence_cap)
    return offers.select(added * pl.col("movable_probability") * evidence).to_series().to_numpy()


def show(judged: dict[str, Judged]) -> None:
    """Print how the chances stand to the truth."""
    for name, each in judged.items():
        figures = "Qini {:.5f} (learned more by {:.5f} to {:.5f})".format(each.qini, *each.less)
        print(f"    {name:38} {figures}, {each.far} tenths off by 2 points, {each.off} by a quarter")
        print("      " + "  ".join(f"{chance:.3f}/{share:.3f}" for chance, share in each.tenths))


def campaigns(
    cases: list[Case], given: argparse.Namespace, policy: Policy, seed: int
) -> Iterator[tuple[pl.DataFrame, LearnedChances]]:
    """All rows so far and what they taught, after each list."""
    rng = np.random.default_rng(seed)
    bank = resampled(cases, given.customers, given.people, rng)
    rows, learned = pl.DataFrame(schema={"customer_id": pl.String, "programme": pl.String}), LearnedChances()
    for number in range(1, given.campaigns + 1):
        made = campaign(bank, rows.select("customer_id", "programme"), learned, policy, rng, number)
        if made is None:
            print("nobody is left whom no list has named")
            return
        rows = pl.concat([rows, made], how="diagonal")
        learned = learn_chances(rows, policy, share_effect)
        yield rows, learned


def again_and_again(cases: list[Case], given: argparse.Namespace, policy: Policy) -> None:
    """Print over many draws of people and dice what was refuted by which list, and how the chances stood at the end."""
    refuted: dict[tuple[tuple[str, ...], int], int] = {}
    after: dict[tuple[str, ...], list[float]] = {}
    last: dict[str, list[Judged]] = {}
    for seed in range(given.seed, given.seed + given.draws):
        made = [learned for _, learned in campaigns(cases, given, policy, seed)]
        learned = made[-1]
        # where nobody is left to contact, what was known stays so
        for number, known in enumerate([*made, *[learned] * (given.campaigns - len(made))], start=1):
            for each in known.asked:
                refuted[each.programmes, number] = refuted.get((each.programmes, number), 0) + each.refuted
        for each in learned.asked:
            after.setdefault(each.programmes, []).append(each.after or np.inf)
        for name, judged in judge(cases, learned, policy, np.random.default_rng(seed), 0).items():
            last.setdefault(name, []).append(judged)
    for programmes, lists in after.items():
        shares = [refuted.get((programmes, number), 0) / given.draws for number in range(1, given.campaigns + 1)]
        said = "  ".join(f"{share:.2f}" for share in shares)
        print(
            f"  {', '.join(programmes):70} refuted after each list: {said}; nothing to be seen after {np.median(lists)}"
        )
    for name, drawn in last.items():
        qini, far, off = (np.mean([getattr(one, figure) for one in drawn]) for figure in ("qini", "far", "off"))
        tenths = np.mean([one.tenths for one in drawn], axis=0)
        print(f"    {name:38} Qini {qini:.5f}, {far:.1f} tenths off by 2 points, {off:.1f} by a quarter; as means:")
        print("      " + "  ".join(f"{chance:.3f}/{share:.3f}" for chance, share in tenths))


def main() -> None:
    """Learn from campaigns, and print what was learned after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--banks", type=int, default=4)
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--campaigns", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--draws", type=int, default=1, help="of people and dice; more: shares and means over all")
    parser.add_argument("--policy", type=Path, default=ROOT / "models" / "retail.toml")
    parser.add_argument("--programme", help="one programme alone, whatever its offers are worth")
    parser.add_argument("--work", type=Path, help="keep the banks here, and take them from here")
    given = parser.parse_args()
    policy = load_policy(given.policy)
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        seeds = range(given.first_seed, given.first_seed + given.banks)
        cases = [read_case(work / str(seed), given.customers, seed, policy) for seed in seeds]
    if given.programme:
        policy = alone(policy, given.programme)
    if given.draws > 1:
        again_and_again(cases, given, policy)
        return
    for number, (rows, learned) in enumerate(campaigns(cases, given, policy, given.seed), start=1):
        print(f"after {number} campaigns, {dict(rows.group_by('arm').len().sort('arm').rows())}")
        report(learned, rows)
        show(judge(cases, learned, policy, np.random.default_rng(given.seed)))


def report(learned: LearnedChances, rows: pl.DataFrame) -> None:
    """Print of each programme the policy's word, what was measured, what is used now, and the truth."""
    truth = rows.filter(pl.col("arm") == "contact").group_by("programme").agg(pl.col("true").mean(), pl.len())
    true = {name: (value, count) for name, value, count in truth.rows()}
    for each in learned.programmes:
        value, count = true[each.programme]
        measured = f"measured {each.measured:+.4f} ({each.low:+.4f} to {each.high:+.4f})"
        print(
            f"  {each.programme:22} {count:5} contacted: policy {each.promised:.4f}; {measured}; used "
            f"{each.used:.4f} ({each.own_weight:.0%} by own outcomes); truly {value:.4f}"
        )
    for asked in learned.asked:
        seen = f"{asked.after} lists" if asked.after else "more than ten years"
        said = "refuted" if asked.refuted else f"not refuted; it takes {seen} to see that nothing is added"
        measured = f"measured of all {asked.low:+.4f} to {asked.high:+.4f}"
        print(f"  {', '.join(asked.programmes)}: policy {asked.promised:.4f}, {measured}: {said}")


if __name__ == "__main__":
    main()

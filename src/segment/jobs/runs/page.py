"""What a run did, as one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from segment.jobs.card.blocks import Block, Heading, Table, Text, as_html
from segment.tiers import TIERS
from segment.warehouse import write_whole

PAGE = "run.html"
STEPS = ("extract", "load", "score", "gates", "prove", "publish", "shadow")
"""In the order in which a refresh takes them."""

_WITHHELD = "under 10"
_ENDED = {
    "published": "Published.",
    "refused": "Not published: a gate or a rule stopped it. The last tiers stay.",
    "failed": "Not published: it stopped on an error. The last tiers stay.",
}


def write_page(run: Mapping[str, Any], path: Path) -> None:
    """Write the page.

    Parameters
    ----------
    run : mapping
        As in `run.json`.
    path : Path
        Ends in `.html`.
    """
    text = as_html(f"Run {run['run_id']}", run_blocks(run))
    write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def run_blocks(run: Mapping[str, Any]) -> list[Block]:
    """Lay the page out.

    Parameters
    ----------
    run : mapping
        As in `run.json`.

    Returns
    -------
    list of Block
    """
    told = f"{_ENDED[run['status']]} As of {run['as_of']}, started {run['started_at']}."
    blocks: list[Block] = [Heading(f"Run {run['run_id']}", 1), Text(told)]
    if "stopped_by" in run:
        blocks += [Text(line) for line in str(run["stopped_by"]).splitlines()]
    for found in (_published, _gates, _ledger, _proof, _drift, _migration, _shadow, _timings, _inputs):
        blocks += found(run)
    return blocks


def _published(run: Mapping[str, Any]) -> Iterable[Block]:
    done = run.get("published")
    if done is None:
        return
    yield Heading("Tiers")
    yield Table(("tier", "share of customers"), [(tier, f"{done['shares'][tier]:.1%}") for tier in TIERS])
    flagged = f"{done['main_bank_elsewhere']:,} flagged with their main bank elsewhere"
    yield Text(f"{done['customers']:,} customers, {flagged}; version {done['table_version']} of the published table.")
    yield from (Text(f"**Alarm:** {alarm}") for alarm in done["alarms"])


def _gates(run: Mapping[str, Any]) -> Iterable[Block]:
    gates = run.get("gates")
    if gates is None:
        return
    yield Heading("Gates")
    rows = [(one["name"], _held(one), one["said"]) for one in gates]
    yield Table(("gate", "", "what was found"), rows)


def _held(gate: Mapping[str, Any]) -> str:
    if gate["holds"]:
        return "holds"
    return f"fails, let pass by {gate['accepted_by']}" if gate["accepted_by"] else "**fails**"


def _ledger(run: Mapping[str, Any]) -> Iterable[Block]:
    check = run.get("ledger")
    if check is None:
        return
    yield Heading("Ledger")
    rows = [(one["table"], one["rows"], one["quarantined"], one["last_on"] or "") for one in check["tables"]]
    yield Table(("table", "rows", "in quarantine", "last day"), rows)
    broken = [(one["table"], one["rule"], one["rows"]) for one in check["broken"]]
    yield Table(("table", "rule that rows broke", "rows"), broken) if broken else Text("No row broke a rule.")
    yield from (Text(str(notice)) for notice in check["notices"])
    if run.get("erased"):
        yield Text(f"Left out because their data were erased: {run['erased']:,} customers.")


def _proof(run: Mapping[str, Any]) -> Iterable[Block]:
    proof = run.get("proof")
    if proof is None:
        return
    yield Heading("Reconciliation with the ledger, twelve months")
    columns = ("customers_sum", "unheld", "unused_capacity", "erased", "unexplained", "total")
    rows = [(line, *(round(of.get(name, 0.0)) for name in columns)) for line, of in proof["ledger"].items()]
    yield Table(("line", "customers", "held by nobody", "unused capacity", "erased", "not explained", "total"), rows)
    steps = {
        "all_customers": "contribution of all customers, as booked",
        "of_customers_who_left": "less that of customers who left",
        "commissions_as_booked": "less commissions as booked",
        "commissions_as_spread": "plus commissions as spread",
        "published": "published",
    }
    yield Table(
        ("from the ledger to the tiers", "amount"),
        [(told, round(proof["bridge"][name])) for name, told in steps.items()],
    )
    yield Text(
        f"The proof by branch and month lies beside this page, hash `{proof['sha256']}`; `segment verify` replays it."
    )


def _drift(run: Mapping[str, Any]) -> Iterable[Block]:
    drift = run.get("drift")
    if drift is None:
        return
    yield Heading("Drift")
    yield Text(drift["said"])
    yield Text(f"`segment drift --as-of {run['as_of']} --out drift.html` shows features, groups and the trend.")


def _migration(run: Mapping[str, Any]) -> Iterable[Block]:
    moved = run.get("migration")
    if not moved:
        return
    yield Heading("Who moved")
    rows = [
        (
            one["previous_tier"] or "(not tiered before)",
            one["tier"],
            *((_WITHHELD,) * 3 if one["customers"] is None else (one["customers"], _share(one), _money(one))),
        )
        for one in moved
    ]
    said = run["moves"]
    yield Text(
        f"{said['kept']:.1%} of {said['customers']:,} customers kept their tier, {said['rose']:.1%} rose, "
        f"{said['fell']:.1%} fell; {said['returned']:.1%} took up again a tier left not long ago. "
        "By branch: migration.csv."
    )
    yield Table(("from", "to", "customers", "of the tier before", "contribution that moved"), rows)


def _share(one: Mapping[str, Any]) -> str:
    return f"{one['share']:.1%}"


def _money(one: Mapping[str, Any]) -> int:
    return round(one["contribution_12m"])


def _shadow(run: Mapping[str, Any]) -> Iterable[Block]:
    shadow = run.get("shadow")
    if shadow is None:
        return
    yield Heading("Challenger in the champion's shadow")
    if "not_compared" in shadow:
        yield Text(f"Not compared: {shadow['not_compared']}.")
        return
    yield Text(
        f"Version {shadow['challenger']} would put {shadow['changed']:.1%} of {shadow['customers']:,} customers into "
        f"another tier than version {shadow['champion']}; their future values have rank correlation "
        f"{shadow['rank_correlation']:.3f}. Branches: shadow.json."
    )


def _timings(run: Mapping[str, Any]) -> Iterable[Block]:
    yield Heading("Timings")
    yield Table(
        ("step", "seconds"), [(step, round(run["timings"][step], 2)) for step in STEPS if step in run["timings"]]
    )


def _inputs(run: Mapping[str, Any]) -> Iterable[Block]:
    inputs = run.get("inputs")
    if inputs is None:
        return
    yield Heading("Inputs and versions")
    named = [(name, f"`{value}`") for name, value in inputs.items() if name != "tables" and value]
    tables = [(f"table {name}", f"`{value}`") for name, value in sorted(inputs["tables"].items())]
    yield Table(("input", "hash or version"), [*named, *tables])
    yield Table(("package", "version"), sorted(run.get("packages", {}).items()))

"""Whether two checkouts compute the same: snapshots, tiers, lists, proofs and what commands print, of three banks.

    python benchmarks/equal_outputs.py make CHECKOUT OUT     # run the chain of commands with a checkout's source
    python benchmarks/equal_outputs.py compare OLD NEW       # hold what two of them wrote against each other

The banks: the demo's, one with every defect of the simulator, and Berka (`../shared/data/berka`, left out where it is
missing). The salt of control arms is fixed, so that lists can be equal. Where a folder of OUT has finished already, it
is kept.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl

BERKA = Path(__file__).resolve().parents[2] / "shared" / "data" / "berka"
NAMES_A_RUN = {"run_id", "proof_sha256"}
SIMULATE = (
    "import sys; from {simulator} import simulate_bank, {defects}; "
    "simulate_bank(sys.argv[1], customers=2000, months=36, seed=11, defects={defects})"
)


@dataclass(frozen=True)
class Bank:
    """A ledger, the moments that are published, and the policy."""

    name: str
    moments: tuple[str, ...]
    policy: str
    train: tuple[str, ...] = ()
    refresh: tuple[str, ...] = ()
    on: str = "2025-12-31"


BANKS = (
    Bank("demo", ("2025-11-30", "2025-12-31"), "models/retail.toml"),
    Bank(
        "defects",
        ("2025-11-30", "2025-12-31"),
        "models/retail.toml",
        # every defect at once makes more bad rows than a bank would let pass
        refresh=("--accept", "reconciliation", "--accept", "quarantine", "--reason", "defects are on"),
    ),
    Bank("berka", ("1994-03-31",), "models/berka.toml", ("--horizon-months", "3"), on="1994-03-31"),
)


class Chain:
    """Commands of one checkout on one bank."""

    def __init__(self, checkout: Path, bank: Bank, out: Path) -> None:
        self.checkout, self.bank, self.out = checkout.resolve(), bank, out.resolve()
        self.workspace, self.policy = self.out / "workspace", self.out / "policy.toml"
        rules = (self.checkout / bank.policy).read_text(encoding="utf-8")
        if bank.name == "defects":
            rules = rules.replace("tolerated_bad_row_share = 0.01", "tolerated_bad_row_share = 0.15")
        self.policy.write_text(rules, encoding="utf-8")
        self.env = {
            **os.environ,
            "PYTHONPATH": str(self.checkout / "src"),
            "SEGMENT_WORKSPACE": str(self.workspace),
            "SEGMENT_POLICY": str(self.policy),
            "SEGMENT_CONTROL_SALT": "the same for both",
            "SEGMENT_USER": "bench",
            "SEGMENT_USER_FROM_ENVIRONMENT": "1",
            "COLUMNS": "200",
        }

    def python(self, code: str, *arguments: object) -> None:
        """Run a few lines with the checkout's source."""
        command = [sys.executable, "-c", code, *map(str, arguments)]
        subprocess.run(command, cwd=self.out, env=self.env, check=True)

    def segment(self, *arguments: object, name: str = "") -> None:
        """Run a command; keep what it printed and how it ended."""
        command = [sys.executable, "-c", "from segment.cli import main; main()", *map(str, arguments)]
        done = subprocess.run(command, cwd=self.out, env=self.env, capture_output=True, text=True, check=False)
        printed = f"exit {done.returncode}\n{done.stdout}"
        (self.out / "printed").mkdir(exist_ok=True)
        (self.out / "printed" / f"{name or arguments[0]}.txt").write_text(printed, encoding="utf-8")
        if done.returncode:
            print(f"{self.bank.name}: {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stderr[-500:]}")

    def ledger(self) -> None:
        """Make the ledger."""
        if self.bank.name == "berka":
            self.segment("import-berka", BERKA, "bank/ledger")
        elif self.bank.name == "demo":
            self.segment("simulate", "bank", "--customers", 4000, "--months", 36, "--seed", 7)
        else:
            moved = (self.checkout / "src" / "segment" / "banks").is_dir()
            simulator = "segment.banks.simulator" if moved else "segment." + "ledger.simulator"
            self.python(SIMULATE.format(simulator=simulator, defects="DEFECTS"), "bank")

    def run(self) -> None:
        """Take every step; a step that the bank does not allow leaves its message."""
        self.ledger()
        last, ledger = self.bank.moments[-1], "bank/ledger"
        self.segment("check", ledger)
        self.segment("train", ledger, "--as-of", last, *self.bank.train)
        for moment in self.bank.moments:
            self.segment("refresh", ledger, "--as-of", moment, *self.bank.refresh, name=f"refresh-{moment}")
            self.segment("tiers", "--as-of", moment, "--out", f"tiers-{moment}.parquet", name=f"tiers-{moment}")
        self.segment("tiers", "--as-of", last)
        self.segment("upgrade-list", "--as-of", last, "--out", "list.csv")
        self.segment("levers", "--as-of", last)
        self.segment("levers", "--as-of", last, "--out", "levers.csv", name="levers-file")
        self.segment("service-plan", "--as-of", last, "--out", "plan")
        for command in ("clusters", "drift", "audit"):
            self.segment(command, "--as-of", last)
        self.segment("audit", "--as-of", last, "--out", "audit.html", name="audit-page")
        self.segment("drift", "--as-of", last, "--out", "drift.html", name="drift-page")
        self.segment("clusters", "--as-of", last, "--out", "clusters", name="clusters-page")
        self.segment("card", "champion", "--out", "card")
        customer = pl.read_parquet(self.out / f"tiers-{last}.parquet")["customer_id"].sort()[17]
        for language in ("en", "zh"):
            self.segment("explain", customer, "--language", language, name=f"explain-{language}")
        self.segment("propose-fee", "counter_transfer", "--as-of", last, "--on", self.bank.on)
        self.segment("propose-self-service", "--as-of", last, "--on", self.bank.on)
        for command in ("reviews", "runs", "law", "features", "impact-assessment", "objections"):
            self.segment(command)
        self.segment("overrides", "--as-of", last)
        self.segment("verify", ledger, "--as-of", last)
        self.segment("replay", self.policy, "--months", 2)
        self.segment("retain", "--on", self.bank.on)


def make(checkout: Path, out: Path) -> None:
    """Run the chain of every bank."""
    for bank in BANKS:
        if bank.name == "berka" and not BERKA.is_dir():
            print("berka: the data is not here, left out")
            continue
        folder = out / bank.name
        if (folder / "finished").exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        Chain(checkout, bank, folder).run()
        (folder / "finished").touch()


def _frame(path: Path) -> pl.DataFrame:
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    return frame.drop(NAMES_A_RUN & set(frame.columns))


def _frames(root: Path) -> list[Path]:
    """Files of rows that are compared, value by value."""
    patterns = ["tiers-*.parquet", "list.csv", "levers.csv", "workspace/snapshots/*.parquet"]
    patterns += ("workspace/customer_months/*.parquet", "workspace/lists/*.parquet", "workspace/runs/*/proof.parquet")
    return sorted(path.relative_to(root) for pattern in patterns for path in root.glob(pattern))


def _plain(text: str) -> list[str]:
    """Lines without what names one run: ids, hashes, times, folders."""
    text = re.sub(r"\b[0-9a-f]{8,64}\b", "HASH", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(\+00:00|Z)?", "TIME", text)
    return [line.rstrip() for line in text.splitlines()]


def _differences(old: Path, new: Path) -> list[str]:
    found = []
    frames, others = _frames(old), _frames(new)
    found += [f"only in one: {path}" for path in sorted(set(frames) ^ set(others))]
    for path in sorted(set(frames) & set(others)):
        before, after = _frame(old / path), _frame(new / path)
        if not before.equals(after):
            columns = [
                name for name in before.columns if name not in after.columns or not before[name].equals(after[name])
            ]
            found.append(f"{path}: differs in {', '.join(columns) or 'rows or new columns'}")
    for path in sorted((old / "printed").glob("*.txt")):
        before_lines = _plain(path.read_text(encoding="utf-8"))
        other = new / "printed" / path.name
        after_lines = _plain(other.read_text(encoding="utf-8")) if other.is_file() else []
        changed = list(difflib.unified_diff(before_lines, after_lines, lineterm="", n=0))[2:]
        if changed:
            found.append(f"printed/{path.name}:\n    " + "\n    ".join(changed[:40]))
    return found


def compare(old: Path, new: Path) -> int:
    """Print what differs, bank by bank."""
    code = 0
    for bank in BANKS:
        if not (old / bank.name).is_dir():
            continue
        found = _differences(old / bank.name, new / bank.name)
        count = len(_frames(old / bank.name))
        print(f"{bank.name}: {count} tables compared, {len(found)} differences")
        print(*(f"  {line}" for line in found), sep="\n")
        code = code or bool(found)
    return int(code)


if __name__ == "__main__":
    verb, first, second = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if verb != "make":
        sys.exit(compare(first, second))
    make(first, second)

"""The workspace's folders, and files that are whole or not there."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workspace:
    """Where each kind of result lies."""

    root: Path  # The folder; made when something is first written
    writable: bool = True  # False: opened to be read, and nothing in it is made, locked or changed
    own_store: bool = False  # Whether rows and records lie inside, whatever SEGMENT_STORE says

    @property
    def customer_months(self) -> Path:
        """One Parquet file per month."""
        return self.root / "customer_months"

    @property
    def snapshots(self) -> Path:
        """One Parquet file per date."""
        return self.root / "snapshots"

    @property
    def reference(self) -> Path:
        """Small ledger tables that lists need: contact rules, outcomes, suppression sources, customers."""
        return self.root / "reference"

    @property
    def quarantine(self) -> Path:
        """Rows that broke a rule, one file per table."""
        return self.root / "quarantine"

    @property
    def tiers(self) -> Path:
        """The published tiers, a Delta table."""
        return self.root / "tiers"

    @property
    def ledger_parts(self) -> Path:
        """What earlier extracts learned of the ledger's parts, so that a part is read once."""
        return self.root / "ledger_parts"

    @property
    def reconciliations(self) -> Path:
        """Customers' sums of each month held against the ledger, one Parquet file per month."""
        return self.root / "reconciliations"

    @property
    def lists(self) -> Path:
        """Analytics copies of upgrade lists; these hold the control arm."""
        return self.root / "lists"

    @property
    def control_salt(self) -> Path:
        """The secret that draws control arms, where the environment has none."""
        return self.root / "control_salt"

    @property
    def protected(self) -> Path:
        """What a fairness audit alone may read: age, sex and region of customers."""
        return self.root / "protected"

    @property
    def audits(self) -> Path:
        """Fairness audits, one JSON file per date; counts, and no customer."""
        return self.root / "audits"

    @property
    def runs(self) -> Path:
        """One report per run."""
        return self.root / "runs"

    @property
    def store(self) -> Path:
        """Rows that people hand in and records of what was done, unless SEGMENT_STORE says where."""
        return self.root / "store.db"

    @property
    def ledger_kind(self) -> Path:
        """Whether the ledgers that were read here are real ones, or such as to try things on."""
        return self.root / "ledger_kind.json"

    @property
    def store_claim(self) -> Path:
        """By what a store outside knows its workspace."""
        return self.root / "store_id"

    @property
    def chain_key(self) -> Path:
        """What records are signed with, where nothing outside is."""
        return self.root / "chain_key"

    @property
    def chain_head(self) -> Path:
        """How many records there are, and which is the last, where nothing outside says so."""
        return self.root / "records.head"

    @property
    def subject_secret(self) -> Path:
        """What ids are hashed with; whoever loses it no longer knows who was erased."""
        return self.root / "subject_secret"

    @property
    def built_from(self) -> Path:
        """Before which month nothing is built again, because it was kept for long enough."""
        return self.root / "kept_from.json"

    @property
    def legal_holds(self) -> Path:
        """Rows of customers whose data a law asks to keep longer than everybody else's."""
        return self.root / "held"

    @property
    def erasures(self) -> Path:
        """Certificates of erasures; they name nobody."""
        return self.root / "erasures"

    @property
    def serving(self) -> Path:
        """The page's copy of the newest published tiers."""
        return self.root / "serving"

    def snapshot(self, as_of: dt.date) -> Path:
        """File of one snapshot."""
        return self.snapshots / f"{as_of.isoformat()}.parquet"


def months_from(workspace: Workspace) -> dt.date | None:
    """Say from which month on customer months are kept."""
    try:
        content = json.loads(workspace.built_from.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return dt.date.fromisoformat(content["months_from"])

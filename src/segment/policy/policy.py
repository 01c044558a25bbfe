"""The policy: every number that decides what a customer is worth and what is done about it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.files import json_hash
from segment.policy.contacts import Upgrade
from segment.policy.decisions import Clustering, MainBank, Tiers
from segment.policy.drift import DriftLimits
from segment.policy.fairness import Audit
from segment.policy.gates import Gates
from segment.policy.grades_by_assets import AssetGrades
from segment.policy.jurisdiction import Jurisdiction, load_jurisdiction
from segment.policy.law import LawChanges, laxer, stricter
from segment.policy.ledger_mapping import LedgerMapping, LedgerPolicy, Reading
from segment.policy.money import Capital, Costs, Fees, Reconciliation, Risk
from segment.policy.outcomes import Outcomes
from segment.policy.programmes import Programme
from segment.policy.promotion import Promotion
from segment.policy.rates import Ftp, Product
from segment.policy.retention import Retention
from segment.policy.section import Day, Rate, Section
from segment.policy.service import Service
from segment.policy.tenure_hazards import DeparturePrior
from segment.policy.trial import Trial
from segment.policy.wallet import Wallet


class Assumptions(Section):
    """Figures that a source does not record and an import must assume.

    Attributes
    ----------
    imported_loan_rate_annual : float
        Rate of loans whose interest the source leaves out.
    """

    imported_loan_rate_annual: Rate


_ADDED_LATER: Final[tuple[tuple[str, ...], ...]] = (
    ("asset_grades",),
    ("mapping",),
    ("departures",),
    ("ledger", "timezone"),
    ("main_bank", "label_months"),
    ("mapping", "sides"),
    ("ledger", "stamps"),
    ("law", "protections_elsewhere"),
    ("law", "collections"),
    ("tiers", "winsor_least_customers"),
    ("tiers", "notable_of_mean_cost"),
    ("tiers", "household_floor"),
    ("tiers", "credit_share_of_loss"),
    ("main_bank", "expert_labels"),
    ("main_bank", "flag_beta"),
    ("main_bank", "survey_elsewhere"),
    ("main_bank", "signals"),
    ("upgrade", "ramp_months"),
    ("upgrade", "unknown_tenure_years"),
    ("upgrade", "triggers"),
    ("risk", "technical_days_past_due"),
    ("risk", "arrears_days_past_due"),
    ("risk", "material_debt"),
    ("risk", "cure_months"),
    ("risk", "write_off_days_past_due"),
    ("risk", "written_off_months"),
    ("upgrade", "contact_rules", "approved_by_another"),
    ("service", "waiting", "profile_visits"),
    ("promotion", "total_gap"),
    ("promotion", "decile_gap"),
    ("outcomes", "evidence_spread"),
    ("outcomes", "evidence_cap"),
)
"""Keys that earlier policies lack: at their default they are part of no hash, which stays as it was."""

LeftOut = dict[str, "bool | LeftOut"]
"""Keys of the policy: all that stands under one, or some of it."""

_NO_MODEL_READS = (
    "mapping",  # how the ledger is written; what is read from it is in the hashes of its rows
    "name",
    "version",
    "owner",
    "effective_on",
    "upgrade",
    "programmes",
    "outcomes",
    "service",
    "drift",
    "gates",
    "promotion",
    "law",
    "audit",
    "trial",
    "asset_grades",
    "retention",
)


class Policy(Section):
    """A frozen policy.

    Attributes
    ----------
    name, version, owner : str
        What it is called, its version, and the person who answers for it.
    effective_on : datetime.date
        First day on which it may be used.
    currency : str
        The ledger's book currency, three letters.
    jurisdiction : {"cn", "eu", "uk", "us"}
        Whose law applies.
    law_in_force : Jurisdiction
        The law of the jurisdiction, with the policy's stricter figures in place of its own.
    no_machines_from_years : int
        From this age on nobody is asked to use a machine.
    hash : str
        SHA-256 of the content: the same for the same figures, whatever the file's layout and comments.
    model_hash : str
        SHA-256 of the part that customers' figures and models follow from: a new limit of a gate or a new price of a
        contact needs no new model.
    """

    retired: ClassVar[frozenset[str]] = frozenset({"service_cost"})

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    effective_on: Day
    currency: str = Field(pattern="^[A-Z]{3}$")
    jurisdiction: Literal["cn", "eu", "uk", "us"]
    ledger: LedgerPolicy
    mapping: LedgerMapping = LedgerMapping()
    assumptions: Assumptions | None = None
    ftp: Ftp
    products: dict[str, Product] = Field(min_length=1)
    fees: Fees
    costs: Costs
    risk: Risk
    capital: Capital
    reconciliation: Reconciliation
    tiers: Tiers
    main_bank: MainBank
    wallet: Wallet
    clustering: Clustering
    departures: DeparturePrior = DeparturePrior()
    upgrade: Upgrade
    programmes: dict[str, Programme] = Field(min_length=1)
    outcomes: Outcomes = Outcomes()
    service: Service | None = None
    drift: DriftLimits = DriftLimits()
    gates: Gates = Gates()
    promotion: Promotion = Promotion()
    law: LawChanges = LawChanges()
    audit: Audit = Audit()
    trial: Trial | None = None
    asset_grades: AssetGrades | None = None
    retention: Retention = Retention()

    @model_validator(mode="after")
    def _a_trial_has_a_plan(self) -> Self:
        if self.trial is not None and self.service is None:
            raise ValueFault.of("errors.policy.trial_without_service")
        days = self.tiers.stability.notice_days
        if self.trial is not None and not self.trial.noticed_in_time(days):
            raise ValueFault.of("errors.policy.trial_notice", days=days)
        return self

    @model_validator(mode="after")
    def _offers_are_known(self) -> Self:
        named = {name for part in (self.service.parts if self.service else ()) for name in part.bundles}
        named.update(name for programme in self.programmes.values() for name in programme.bundles)
        channels = {
            name
            for programme in self.programmes.values()
            for name in (*programme.channels, *programme.incremental_probability)
        }
        for kind, strange in (
            ("bundles", sorted(named - set(self.upgrade.bundles))),
            ("channels", sorted(channels - set(self.upgrade.channels))),
        ):
            if strange:
                raise ValueFault.of("errors.policy.not_in_upgrade", kind=kind, strange=strange)
        return self

    @model_validator(mode="after")
    def _debts_are_known(self) -> Self:
        debts = {name for name, product in self.products.items() if product.debt is not None}
        strange = sorted(set(self.risk.write_off_days_past_due) - debts)
        if strange:
            raise ValueFault.of("errors.policy.write_off_products", strange=strange)
        return self

    @model_validator(mode="after")
    def _lawful(self) -> Self:
        law = load_jurisdiction(self.jurisdiction)
        faults = laxer(law, self.law)
        if faults:
            raise ValueFault.of("errors.policy.laxer_than_law", faults=faults)
        return self

    @property
    def law_in_force(self) -> Jurisdiction:
        """The law of the jurisdiction, with this policy's stricter figures in place of its own."""
        return stricter(load_jurisdiction(self.jurisdiction), self.law)

    @property
    def withheld_bundles(self) -> tuple[str, ...]:
        """Bundles withheld: they offer credit, or do not say, and the law asks for a review (ECOA/Reg B)."""
        if self.law_in_force.credit_offers_by_model or self.law.fair_lending_review:
            return ()
        return tuple(sorted(name for name, bundle in self.upgrade.bundles.items() if bundle.offers_credit is not False))

    def offered(self, bundles: Iterable[str]) -> list[str]:
        """Names, as marketing calls them, of the bundles that may be offered.

        Parameters
        ----------
        bundles : iterable of str
            Of `upgrade.bundles`.

        Returns
        -------
        list of str
            Without those of `withheld_bundles`.
        """
        return [self.upgrade.bundles[name].name for name in bundles if name not in self.withheld_bundles]

    @property
    def no_machines_from_years(self) -> int:
        """From this age on nobody is asked to use a machine: the levers' age or the law's, whichever is lower."""
        return min(self.upgrade.levers.no_machines_from_years, self.law_in_force.older_from_years)

    @property
    def reading(self) -> Reading:
        """How the cells of the bank's ledger are to be read."""
        return Reading(
            self.ledger.timezone, self.mapping, {str(table): stamp for table, stamp in self.ledger.stamps.items()}
        )

    @property
    def hash(self) -> str:
        """SHA-256 of the policy's content."""
        return json_hash(self.model_dump(mode="json", exclude=self._added_later()))

    @property
    def model_hash(self) -> str:
        """SHA-256 of what customers' figures and models follow from."""
        left_out = self._added_later() | dict.fromkeys(_NO_MODEL_READS, True)
        for name, keys in (("tiers", ("stability", "ranges")), ("ledger", ("stamps",))):
            later = left_out.get(name)
            left_out[name] = (later if isinstance(later, dict) else {}) | dict.fromkeys(keys, True)
        return json_hash(self.model_dump(mode="json", exclude=left_out))

    def _added_later(self) -> LeftOut:
        """Name the keys that earlier policies lack and that say here what was so without them."""
        left_out: LeftOut = {}
        for *sections, key in sorted(_ADDED_LATER, key=len, reverse=True):  # a whole section after what is in it
            part: Section | None = self
            for name in sections:
                part = getattr(part, name, None)
            if part is None:
                continue
            default = type(part).model_fields[key].get_default(call_default_factory=True)
            if getattr(part, key) == default:
                inside = reduce(lambda kept, name: kept.setdefault(name, {}), sections, left_out)  # type: ignore[arg-type, return-value]
                inside[key] = True
        return left_out

    def products_of(self, *families: str) -> tuple[str, ...]:
        """Names of the products of some families, in the file's order.

        Parameters
        ----------
        *families : str
            Such as ``"loan"``.

        Returns
        -------
        tuple of str
        """
        return tuple(name for name, product in self.products.items() if product.family in families)

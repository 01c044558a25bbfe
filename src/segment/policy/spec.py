"""Model specs: an experiment as a file, so that trying something new takes no code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.policy import Policy
from segment.policy.section import Section, Share

Learners = Annotated[tuple[str, ...], Field(min_length=1)]
Weight = Annotated[float, Field(ge=0)]


class Training(Section):
    """Which past dates are learned from.

    Attributes
    ----------
    horizon_months : int
        Months ahead that are learned; 12 unless the history is too short.
    moments : int
        Snapshots with outcomes to learn from, at most.
    months_between : int
        Months from one of them to the next.
    seed : int
        The same seed trains the same model.
    most_customers : int
        Customers to learn from; of a larger bank, a sample in proportion to branches and times of joining.
    """

    horizon_months: int = Field(default=12, ge=1, le=12)
    moments: int = Field(default=5, ge=1)
    months_between: int = Field(default=3, ge=1)
    seed: int = Field(default=0, ge=0)
    most_customers: int | None = Field(default=None, ge=100)


class FeatureChoice(Section):
    """Features of the catalogue that the future value reads.

    Attributes
    ----------
    only, leave_out : list of text
        Names, patterns such as `balance_*`, or families of features. Empty: all of them, none of them.
    """

    only: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()


class FutureValue(Section):
    """Parameters of the forecast; what is left out is chosen by the number of rows.

    Attributes
    ----------
    max_iter, max_leaf_nodes, min_samples_leaf : int
        Trees per learner at most, leaves per tree at most, rows per leaf at least.
    learning_rate, max_features : float
        How much each tree corrects; share of the columns that each split may choose from.
    learners : list of text
        Those to blend.
    """

    max_iter: int | None = Field(default=None, ge=1)
    learning_rate: float | None = Field(default=None, gt=0, le=1)
    max_leaf_nodes: int | None = Field(default=None, ge=2)
    min_samples_leaf: int | None = Field(default=None, ge=1)
    max_features: float | None = Field(default=None, gt=0, le=1)
    learners: Learners | None = None

    @property
    def parameters(self) -> dict[str, int | float | tuple[str, ...]]:
        """Those that the spec sets."""
        return self.model_dump(exclude_none=True)


class MainBankLearning(Section):
    """How labels teach the main bank; its thresholds decide about customers and stay in the policy.

    Attributes
    ----------
    prior_sd : float
        In place of the policy's `main_bank.prior_sd`.
    expert_labels : float
        In place of the policy's `main_bank.expert_labels`.
    """

    retired: ClassVar[frozenset[str]] = frozenset({"learn_from_labels"})

    prior_sd: float | None = Field(default=None, gt=0)
    expert_labels: float | None = Field(default=None, gt=0)


class WalletLearning(Section):
    """Who teaches the wallet; its margins decide about customers and stay in the policy.

    Attributes
    ----------
    main_here_up_to : float
        In place of the policy's `wallet.main_here_up_to`.
    """

    retired: ClassVar[frozenset[str]] = frozenset({"least_main_here"})

    main_here_up_to: Share | None = None


class ClusterSearch(Section):
    """The settings that clusters are searched among.

    Attributes
    ----------
    clusters, behaviour_weight, guard_margin : list
        In place of the policy's of the same names under `clustering`.
    bootstraps, sample : int
        In place of the policy's of the same names under `clustering`.
    """

    retired: ClassVar[frozenset[str]] = frozenset({"border_sharpness"})

    clusters: Annotated[tuple[int, ...], Field(min_length=1)] | None = None
    behaviour_weight: Annotated[tuple[Weight, ...], Field(min_length=1)] | None = None
    guard_margin: Annotated[tuple[Weight, ...], Field(min_length=1)] | None = None
    bootstraps: int | None = Field(default=None, ge=2)
    sample: int | None = Field(default=None, ge=100)


class Range(Section):
    """Numbers that a search may try.

    Attributes
    ----------
    low, high : float
        Ends, both included.
    log : bool
        Try as many between 1 and 10 as between 10 and 100.
    """

    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueFault.of("errors.policy.search_range")
        return self


class Choices(Section):
    """Values that a search may try.

    Attributes
    ----------
    choices : list
        Values of the key, each a number or a list of names.
    """

    choices: tuple[float | tuple[str, ...], ...] = Field(min_length=2)


class FutureValueSpace(Section):
    """What a search may try of `[future_value]`."""

    max_iter: Range | Choices | None = None
    learning_rate: Range | Choices | None = None
    max_leaf_nodes: Range | Choices | None = None
    min_samples_leaf: Range | Choices | None = None
    max_features: Range | Choices | None = None
    learners: Choices | None = None


class FeatureSpace(Section):
    """What a search may try of `[features]`."""

    only: Choices | None = None
    leave_out: Choices | None = None


class Search(Section):
    """The space of a search.

    Attributes
    ----------
    future_value, features : table
        By key of the section of the same name: `{low, high, log}` or `{choices}`.
    """

    future_value: FutureValueSpace = FutureValueSpace()
    features: FeatureSpace = FeatureSpace()

    @property
    def space(self) -> dict[tuple[str, str], Range | Choices]:
        """Ranges and choices by section and key, in the file's order of meaning."""
        return {
            (section, key): getattr(part, key)
            for section, part in (("future_value", self.future_value), ("features", self.features))
            for key in type(part).model_fields
            if getattr(part, key) is not None
        }


class ModelSpec(Section):
    """An experiment: what a training learns from, what it reads, and how.

    Attributes
    ----------
    name : str
        Of the experiment; cards are named after it.
    description : str
        What is tried and why.
    policy : str, optional
        File of `models/` to train by, where the command names none.
    hash : str
        SHA-256 of the content but for name, description and search space: the same for the same training.
    """

    name: str = Field(default="default", pattern=r"^[a-z0-9][a-z0-9-]*$")
    description: str = "What the policy and the estimators choose by themselves."
    policy: str | None = None
    train: Training = Training()
    features: FeatureChoice = FeatureChoice()
    future_value: FutureValue = FutureValue()
    main_bank: MainBankLearning = MainBankLearning()
    wallet: WalletLearning = WalletLearning()
    clustering: ClusterSearch = ClusterSearch()
    search: Search = Search()

    @property
    def hash(self) -> str:
        """SHA-256 of what decides the training."""
        content = self.model_dump(mode="json", exclude={"name", "description", "policy", "search"}, exclude_none=True)
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def applied_to(self, policy: Policy) -> Policy:
        """Put the spec's figures in place of the policy's.

        Parameters
        ----------
        policy : Policy
            Frozen figures.

        Returns
        -------
        Policy
            Another one where the spec sets something, else the same.

        Examples
        --------
        >>> from segment.policy import load_policy
        >>> spec = ModelSpec(name="six", clustering={"clusters": [6]})
        >>> spec.applied_to(load_policy("models/retail.toml")).clustering.clusters
        (6,)
        """
        parts = {"main_bank": self.main_bank, "wallet": self.wallet, "clustering": self.clustering}
        set_here = {name: part.model_dump(exclude_none=True) for name, part in parts.items()}
        changed = {name: values for name, values in set_here.items() if values}
        if not changed:
            return policy
        content = policy.model_dump(mode="json")
        for name, values in changed.items():
            content[name] |= values
        return Policy.model_validate(content)

    def changed(self, values: Mapping[tuple[str, str], Any], **head: Any) -> ModelSpec:
        """Set some keys, as a trial of a search does.

        Parameters
        ----------
        values : mapping
            Values by section and key.
        **head
            Values of keys that stand in no section, such as `name`.

        Returns
        -------
        ModelSpec
        """
        content = self.model_dump(mode="json") | head
        for (section, key), value in values.items():
            content[section][key] = value
        return ModelSpec.model_validate(content)
